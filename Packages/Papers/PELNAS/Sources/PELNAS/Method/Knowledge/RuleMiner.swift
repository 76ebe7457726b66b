import Foundation

/// Finds the conditions that divide a niche's evaluated cells best: the package's own design rules.
public enum RuleMiner {
  /// The strongest rules that are not in the list yet.
  ///
  /// - Parameter limit: how many at most.
  public static func mine(
    _ cells: [ScoredCell], known: [Rule], niche: Int, generation: Int, limit: Int = 3
  ) -> [Rule] {
    guard cells.count >= 8 else { return [] }
    let knownConditions = Set(known.map(\.conditions))
    let accuracies = cells.map(\.accuracy)
    let logarithms = cells.map { log(max($0.cost, 1e-12)) }
    var found: [(rule: Rule, score: Double)] = []
    for atom in candidates where !knownConditions.contains([atom]) {
      let marks = cells.map { atom.holds(for: $0.cell) }
      let support = marks.count { $0 }
      guard support >= 4, cells.count - support >= 4 else { continue }
      let gain = separation(accuracies, marks)
      let saving = separation(logarithms, marks)
      let goal: Rule.Goal = abs(gain) >= abs(saving) ? .accuracy : .latency
      let isGood = goal == .accuracy ? gain > 0 : saving < 0
      let rule = Rule(
        id: "", polarity: isGood ? .prefer : .avoid, goal: goal, niche: niche, conditions: [atom],
        text: "\(isGood ? "prefer" : "avoid"): \(atom.text), for \(goal.rawValue)", source: "mined", born: generation)
      found.append((rule, max(abs(gain), abs(saving))))
    }
    // Ties fall to the earlier candidate, so that the result does not depend on the sort.
    let strongest = found.enumerated().filter { $0.element.score > 1.7 }
      .sorted { $0.element.score != $1.element.score ? $0.element.score > $1.element.score : $0.offset < $1.offset }
    return strongest.prefix(limit).map(\.element.rule)
  }

  /// Every operation on every edge, counts, and path lengths.
  private static let candidates: [RuleAtom] =
    (0..<Cell.edgeCount).flatMap { edge in CellOperation.allCases.map { RuleAtom.edge(edge, $0) } }
    + CellOperation.allCases.flatMap { operation in (1...3).map { RuleAtom.count(operation, .atLeast, $0) } }
    + (1...3).map { RuleAtom.pathLength(.atLeast, $0) }

  /// Difference of the means over its standard error (Welch).
  private static func separation(_ values: [Double], _ marks: [Bool]) -> Double {
    var sums = (0.0, 0.0)
    var squares = (0.0, 0.0)
    var counts = (0.0, 0.0)
    for (value, isMarked) in zip(values, marks) {
      if isMarked {
        sums.0 += value
        squares.0 += value * value
        counts.0 += 1
      } else {
        sums.1 += value
        squares.1 += value * value
        counts.1 += 1
      }
    }
    guard counts.0 > 1, counts.1 > 1 else { return 0 }
    let means = (sums.0 / counts.0, sums.1 / counts.1)
    let variances = (
      max(0, squares.0 / counts.0 - means.0 * means.0), max(0, squares.1 / counts.1 - means.1 * means.1)
    )
    let error = (variances.0 / (counts.0 - 1) + variances.1 / (counts.1 - 1)).squareRoot()
    return error > 0 ? (means.0 - means.1) / error : 0
  }
}
