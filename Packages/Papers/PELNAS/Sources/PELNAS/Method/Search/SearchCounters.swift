/// What a search counted besides cells.
public struct SearchCounters: Sendable, Hashable, Codable {
  /// Calls for rules.
  public var updateCalls = 0
  /// Calls for cells.
  public var proposeCalls = 0
  /// Answers that described no cell.
  public var unparsable = 0
  /// Cells of another niche.
  public var outOfNiche = 0
  /// Cells that were evaluated before, or twice in an answer.
  public var duplicate = 0
  /// Cells that are disconnected or that the device cannot run.
  public var unusable = 0
  /// Cells drawn because the proposer's could not be used.
  public var fallback = 0
  /// Statements that were no rules.
  public var unusableRules = 0
  /// Calls that failed, after all retries of the client.
  public var failedCalls = 0
  /// Tokens read and written.
  public var tokens = TokenCount()

  /// Nothing counted.
  public init() {}

  /// Whether some call failed, so that fallbacks did the proposer's work.
  public var isDegraded: Bool { failedCalls > 0 }
}
