/// An automaton over token ids that says which tokens may come next.
///
/// A generator asks for ``forcedTokens()`` first; those are appended in one pass without sampling. Otherwise it samples from
/// ``allowedTokens()``. It stops when the constraint is complete and the model prefers its end token, or when nothing may follow.
public protocol TokenConstraint: Sendable {
  /// The tokens that may come next, not counting the end; `nil` means all.
  mutating func allowedTokens() -> TokenSet?
  /// The tokens that must come next, if only one continuation is possible for a while; may be empty.
  mutating func forcedTokens() -> [Int32]
  /// Takes note of a token that was appended.
  ///
  /// - Throws: ``LanguageModelError`` if the token is not allowed.
  mutating func advance(_ token: Int32) throws(LanguageModelError)
  /// Whether the text so far may be all.
  var isComplete: Bool { get }
}

extension TokenConstraint {
  /// By default: the only allowed token, unless the text could also end here.
  public mutating func forcedTokens() -> [Int32] {
    guard !isComplete, let only = allowedTokens()?.only else { return [] }
    return [only]
  }
}
