/// A step of an answer.
public enum ChatEvent: Sendable, Hashable {
  /// More text; whole characters, never empty.
  case text(String)
  /// The end of the answer; a server may not say what it used.
  case finished(FinishReason, TokenUsage?)
}

/// A whole answer.
public struct ChatReply: Sendable, Hashable, Codable {
  /// The text.
  public var text: String
  /// Why it ended.
  public var finishReason: FinishReason
  /// What it took; a server may not say.
  public var usage: TokenUsage?

  /// An answer.
  public init(text: String, finishReason: FinishReason, usage: TokenUsage? = nil) {
    self.text = text
    self.finishReason = finishReason
    self.usage = usage
  }
}

/// What an answer took.
public struct TokenUsage: Sendable, Hashable, Codable {
  /// Tokens of the conversation as the model read it.
  public var promptTokens: Int
  /// How many of them were still known from the request before and were not computed again.
  public var reusedTokens: Int
  /// Tokens generated.
  public var completionTokens: Int

  /// A usage.
  public init(promptTokens: Int, reusedTokens: Int = 0, completionTokens: Int) {
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.completionTokens = completionTokens
  }
}
