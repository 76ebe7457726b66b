/// Where the time of a search went, in seconds.
public struct SearchTimes: Sendable, Hashable, Codable {
  /// Reading the tables; the caller's share.
  public var load = 0.0
  /// Fitting the predictor and estimating all cells; the caller's share.
  public var fit = 0.0
  /// Waiting for the proposer.
  public var propose = 0.0
  /// Looking up scores, archives and tests of rules.
  public var evaluate = 0.0
  /// Comparing with the true front.
  public var indicators = 0.0

  /// Nothing spent.
  public init() {}

  /// All of it.
  public var total: Double { load + fit + propose + evaluate + indicators }
}
