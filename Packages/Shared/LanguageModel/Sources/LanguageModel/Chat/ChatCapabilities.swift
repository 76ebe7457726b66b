/// What a ``ChatModel`` is and can do.
public struct ChatCapabilities: Sendable, Hashable, Codable {
  /// Where answers come from.
  public enum Origin: String, Sendable, Hashable, Codable {
    /// Computed in this process.
    case local
    /// Computed by a server.
    case remote
    /// Read from a recording.
    case replayed
  }

  /// The model's name.
  public var name: String
  /// Where answers come from.
  public var origin: Origin
  /// Whether a request that begins like the one before is read from where they differ.
  public var reusesPrefixes: Bool
  /// Whether it is a ``LikelihoodModel``.
  public var scoresLikelihoods: Bool
  /// The longest conversation in tokens, where that is known.
  public var contextLimit: Int?

  /// Capabilities.
  public init(
    name: String, origin: Origin, reusesPrefixes: Bool = false, scoresLikelihoods: Bool = false,
    contextLimit: Int? = nil
  ) {
    self.name = name
    self.origin = origin
    self.reusesPrefixes = reusesPrefixes
    self.scoresLikelihoods = scoresLikelihoods
    self.contextLimit = contextLimit
  }
}
