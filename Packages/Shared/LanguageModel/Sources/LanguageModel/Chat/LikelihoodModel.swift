/// A model that also tells how probable given texts are.
public protocol LikelihoodModel: ChatModel {
  /// ln p of each continuation behind the same prompt, summed over its tokens.
  ///
  /// Continuations are cut into tokens by themselves: one that begins a word should begin with its space, as in `" Paris"`.
  ///
  /// - Throws: for a continuation without tokens, or what the model throws.
  func score(_ continuations: [String], after prompt: ScoringPrompt) async throws -> [Double]
}

/// What stands before the texts that a ``LikelihoodModel`` scores.
public struct ScoringPrompt: Sendable, Hashable, Codable {
  /// The conversation so far, written down in the model's chat format; may be empty.
  public var messages: [ChatMessage]
  /// The beginning of the model's answer to the conversation; without a conversation, plain text.
  public var text: String

  /// Plain text, or with messages the beginning of the answer to them.
  public init(_ text: String, answering messages: [ChatMessage] = []) {
    self.messages = messages
    self.text = text
  }
}
