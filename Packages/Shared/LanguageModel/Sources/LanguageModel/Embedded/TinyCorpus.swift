import TinyTensor

/// A small world in simple English, written by a grammar: facts about hardware, small sums, and questions about both.
///
/// It is what the embedded model was trained on, and enough to see a model learn something that can be checked. The documents
/// are a function of the seed alone.
///
/// ```swift
/// var corpus = TinyCorpus(seed: 1)
/// let document = corpus.next()
/// ```
public struct TinyCorpus: Sendable {
  /// A piece of text that belongs together.
  public enum Document: Sendable, Hashable {
    /// Some sentences.
    case text(String)
    /// A conversation.
    case dialogue([ChatMessage])

    /// All words of the document.
    public var plainText: String {
      switch self {
      case .text(let text): text
      case .dialogue(let messages): messages.map(\.content).joined(separator: "\n")
      }
    }
  }

  private var random: Philox

  /// A stream of documents.
  public init(seed: UInt64) { random = Philox(seed: seed, stream: "tiny corpus") }

  /// The next document.
  public mutating func next() -> Document {
    if random.next(below: 2) == 0 {
      return .text((0..<2 + random.next(below: 4)).map { _ in sentence() }.joined(separator: " "))
    }
    return .dialogue(
      (0..<1 + random.next(below: 3)).flatMap { _ in
        let (question, answer) = exchange()
        return [ChatMessage.user(question), .assistant(answer)]
      })
  }

  private mutating func choice<Element>(_ elements: [Element]) -> Element {
    elements[random.next(below: elements.count)]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.next(below: range.count)
  }

  // MARK: Sentences

  private mutating func sentence() -> String {
    switch random.next(below: 8) {
    case 0, 1: return partFact()
    case 2: return methodFact()
    case 3: return "\(sum().statement)."
    case 4: return comparison()
    case 5: return bits()
    case 6: return story()
    default: return choice(TinyKnowledge.remarks)
    }
  }

  private mutating func partFact() -> String {
    let part = choice(TinyKnowledge.parts)
    return "\(part.subject.capitalizedFirst) \(part.does)."
  }

  private mutating func methodFact() -> String {
    let method = choice(TinyKnowledge.methods)
    return "\(method.name.capitalizedFirst) \(method.does)."
  }

  private mutating func comparison() -> String {
    let (a, b) = unequal()
    return a > b ? "\(a) is more than \(b)." : "\(a) is less than \(b)."
  }

  private mutating func bits() -> String {
    let width = number(1...8)
    return "\(width) \(width == 1 ? "bit" : "bits") can hold \(1 << width) values."
  }

  private mutating func story() -> String {
    let count = number(2...9)
    let bytes = choice([1, 2, 4, 8])
    let reader = choice(TinyKnowledge.readers)
    return "\(reader.capitalizedFirst) reads \(count) words of \(bytes) \(bytes == 1 ? "byte" : "bytes"), "
      + "that is \(count * bytes) bytes."
  }

  // MARK: Questions

  private mutating func exchange() -> (question: String, answer: String) {
    switch random.next(below: 8) {
    case 0, 1:
      let part = choice(TinyKnowledge.parts)
      return random.next(below: 2) == 0
        ? ("What does \(part.subject) do?", "\(part.subject.capitalizedFirst) \(part.does).")
        : ("What \(part.does)?", "\(part.subject.capitalizedFirst).")
    case 2:
      let method = choice(TinyKnowledge.methods)
      return ("What is \(method.name)?", "\(method.name.capitalizedFirst) \(method.does).")
    case 3, 4:
      let sum = sum()
      return ("What is \(sum.expression)?", "\(sum.statement).")
    case 5:
      let (a, b) = unequal()
      return ("Is \(a) more than \(b)?", a > b ? "Yes, \(a) is more than \(b)." : "No, \(a) is less than \(b).")
    case 6:
      let first = number(0...9)
      let last = first + number(2...5)
      return ("Count from \(first) to \(last).", (first...last).map(String.init).joined(separator: ", ") + ".")
    default: return choice(TinyKnowledge.greetings)
    }
  }

  private mutating func sum() -> (expression: String, statement: String) {
    let expression: String
    let result: Int
    switch random.next(below: 3) {
    case 0:
      let (a, b) = (number(0...10), number(0...10))
      (expression, result) = ("\(a) + \(b)", a + b)
    case 1:
      let b = number(0...10)
      let a = b + number(0...10)
      (expression, result) = ("\(a) - \(b)", a - b)
    default:
      let (a, b) = (number(0...9), number(0...9))
      (expression, result) = ("\(a) × \(b)", a * b)
    }
    return (expression, "\(expression) = \(result)")
  }

  private mutating func unequal() -> (Int, Int) {
    let a = number(0...20)
    return (a, (a + number(1...20)) % 21)
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
