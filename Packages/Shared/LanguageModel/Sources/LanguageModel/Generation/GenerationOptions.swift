/// When generation ends and how tokens are chosen.
public struct GenerationOptions: Sendable {
  /// How tokens are chosen.
  public var sampling: SamplingOptions
  /// The most tokens to generate.
  public var maximumTokens: Int
  /// Texts that end generation; they are not part of the output.
  public var stopStrings: [String]
  /// Tokens that end generation, besides the tokenizer's own; they are not part of the output.
  public var stopTokens: Set<Int32>
  /// Whether the tokenizer's own end tokens end generation.
  public var stopsAtEndTokens: Bool

  /// Creates options.
  public init(
    sampling: SamplingOptions = .greedy, maximumTokens: Int = 256, stopStrings: [String] = [],
    stopTokens: Set<Int32> = [], stopsAtEndTokens: Bool = true
  ) {
    self.sampling = sampling
    self.maximumTokens = maximumTokens
    self.stopStrings = stopStrings
    self.stopTokens = stopTokens
    self.stopsAtEndTokens = stopsAtEndTokens
  }
}

/// One step of a generated text.
public struct GeneratedToken: Sendable, Hashable {
  /// The token.
  public let token: Int32
  /// The text that became certain with this token: complete characters, nothing that may still turn out to be a stop string.
  public let text: String
  /// ln p of the token under the model (and the constraint), before temperature and filters; 0 for a forced token.
  public let logProbability: Double
  /// Whether a constraint left no choice.
  public let isForced: Bool
}

/// Why generation ended.
public enum FinishReason: String, Sendable, Hashable, Codable {
  /// A stop token.
  case stopToken
  /// A stop string.
  case stopString
  /// The most tokens were generated.
  case length
  /// The context is full.
  case contextFull
  /// The constraint allows nothing more.
  case constraintComplete
  /// The surrounding task was cancelled.
  case cancelled
}
