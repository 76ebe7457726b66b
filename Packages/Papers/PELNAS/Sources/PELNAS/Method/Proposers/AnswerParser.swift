import JSONC

/// Reads cells and rules out of a model's answer, whatever else it says; never traps on it.
public enum AnswerParser {
  /// Cells: strict JSON first, else the first `[d,d,d,d,d,d]` of the text.
  ///
  /// - Returns: the cells with their rationales, and the number of items that described none.
  public static func cells(_ text: String) -> (proposals: [Proposal], unparsable: Int) {
    if let items = array(text) {
      if let cell = cell(.array(items)) { return ([Proposal(cell)], 0) }
      let found = items.map { item -> Proposal? in
        guard let cell = cell(item["cell"] ?? item) else { return nil }
        return Proposal(cell, rationale: item["rationale"]?.stringValue ?? "")
      }
      return (found.compactMap { $0 }, found.count { $0 == nil })
    }
    if let list = firstList(text) { return ([Proposal(list)], 0) }
    return ([], 1)
  }

  /// Rules of a JSON array; what is none is counted.
  public static func rules(
    _ text: String, niche: Int, generation: Int, source: String, limit: Int = 3
  ) -> (rules: [Rule], unusable: Int) {
    guard let items = array(text) else { return ([], 1) }
    var rules: [Rule] = []
    var unusable = 0
    for item in items.prefix(limit) {
      guard let rule = rule(item, niche: niche, generation: generation, source: source) else {
        unusable += 1
        continue
      }
      rules.append(rule)
    }
    return (rules, unusable + max(0, items.count - limit))
  }

  private static func rule(_ item: JSONValue, niche: Int, generation: Int, source: String) -> Rule? {
    guard let polarity = item["polarity"]?.stringValue.flatMap(Rule.Polarity.init),
      let predicate = item["if"]
    else { return nil }
    let atoms = (predicate.arrayValue ?? [predicate]).map { try? JSON.decode(RuleAtom.self, from: $0) }
    let conditions = atoms.compactMap { $0 }
    guard (1...2).contains(conditions.count), conditions.count == atoms.count else { return nil }
    let goal = item["goal"]?.stringValue.flatMap(Rule.Goal.init) ?? .accuracy
    let text = item["text"]?.stringValue ?? conditions.map(\.text).joined(separator: " and ")
    return Rule(
      id: "", polarity: polarity, goal: goal, niche: niche, conditions: conditions, text: String(text.prefix(160)),
      source: source, born: generation)
  }

  /// The whole text, or what stands between the first and the last bracket, as a JSON array.
  private static func array(_ text: String) -> [JSONValue]? {
    if let whole = try? JSON.parse(text).arrayValue { return whole }
    guard let start = text.firstIndex(of: "["), let end = text.lastIndex(of: "]"), start < end else { return nil }
    return try? JSON.parse(String(text[start...end])).arrayValue
  }

  /// Six codes, or a word.
  private static func cell(_ value: JSONValue) -> Cell? {
    if let word = value.stringValue { return try? Cell(word) }
    guard let list = value.arrayValue, list.count == Cell.edgeCount else { return nil }
    let operations = list.compactMap { item in
      item.intValue.flatMap { UInt8(exactly: $0) }.flatMap(CellOperation.init)
    }
    return operations.count == Cell.edgeCount ? Cell(operations) : nil
  }

  /// The first list of six codes anywhere in a text.
  private static func firstList(_ text: String) -> Cell? {
    let letters = Array(text.utf8).filter { $0 != UInt8(ascii: " ") }
    let length = 2 * Cell.edgeCount + 1
    guard letters.count >= length else { return nil }
    for start in 0...(letters.count - length) where letters[start] == UInt8(ascii: "[") {
      let digits = (0..<Cell.edgeCount).map { letters[start + 1 + 2 * $0] }
      let separators = (1...Cell.edgeCount).map { letters[start + 2 * $0] }
      guard separators.dropLast().allSatisfy({ $0 == UInt8(ascii: ",") }), separators.last == UInt8(ascii: "]"),
        let cell = try? Cell(word: String(decoding: digits, as: UTF8.self))
      else { continue }
      return cell
    }
    return nil
  }
}
