import LanguageModel

/// What constrained decoding needs of a language model: append some text to each of several answers to one prompt, and say how
/// likely each digit is next. A stub of it tests the constraint without weights.
public protocol DigitModel: Sendable {
  /// Name and fingerprint for reports.
  var name: String { get }
  var fingerprint: String? { get }
  /// Reads a conversation.
  func begin(_ messages: [ChatMessage], answers: Int) throws -> any DigitSession
}

/// Several answers to one prompt that grow together.
public protocol DigitSession {
  /// Appends a text to each answer and returns the logits of the digits 0…9 behind it, `[answers][10]`.
  mutating func advance(_ texts: [String]) throws -> [[Float]]
  /// Tokens read and appended so far.
  var tokens: TokenCount { get }
}
