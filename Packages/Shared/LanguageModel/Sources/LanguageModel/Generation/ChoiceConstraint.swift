/// Restricts generation to one of several given token sequences.
public struct ChoiceConstraint: TokenConstraint {
  /// The sequences to choose from.
  public let choices: [[Int32]]
  private let vocabulary: Int
  private var candidates: [Int]
  private var position = 0

  /// A constraint for the given choices, none of them empty.
  ///
  /// - Throws: ``LanguageModelError`` if there is no choice, or an empty one.
  public init(_ choices: [[Int32]], vocabulary: Int) throws(LanguageModelError) {
    guard !choices.isEmpty, choices.allSatisfy({ !$0.isEmpty }) else {
      throw LanguageModelError(.invalidArgument, "a choice needs at least one alternative, and none may be empty")
    }
    self.choices = choices
    self.vocabulary = vocabulary
    candidates = Array(choices.indices)
  }

  /// The choice that the tokens so far spell, if they do.
  public var chosen: Int? { candidates.first { choices[$0].count == position } }

  /// The next tokens of the choices that are still possible.
  public mutating func allowedTokens() -> TokenSet? {
    let next = candidates.compactMap { position < choices[$0].count ? choices[$0][position] : nil }
    return TokenSet(next, vocabulary: vocabulary)
  }

  /// The common continuation of all choices that are still possible.
  public mutating func forcedTokens() -> [Int32] {
    guard let first = candidates.first else { return [] }
    var forced: [Int32] = []
    var index = position
    while index < choices[first].count,
      candidates.allSatisfy({ index < choices[$0].count && choices[$0][index] == choices[first][index] })
    {
      forced.append(choices[first][index])
      index += 1
    }
    return forced
  }

  /// Drops the choices that do not continue with `token`.
  public mutating func advance(_ token: Int32) throws(LanguageModelError) {
    let rest = candidates.filter { position < choices[$0].count && choices[$0][position] == token }
    guard !rest.isEmpty else {
      throw LanguageModelError(.deadEnd, "token \(token) continues none of the choices")
    }
    candidates = rest
    position += 1
  }

  /// Whether a choice is spelled completely.
  public var isComplete: Bool { chosen != nil }
}
