/// A run of slots in a ``KVCache`` that were computed under one attention rule.
public struct CacheSegment: Sendable, Hashable, Codable {
  /// What the tokens of a segment attended to when their keys and values were computed.
  public enum Scope: String, Sendable, Hashable, Codable {
    /// All slots before them: the ordinary causal mask.
    case everything
    /// Only their own segment: an independently cached document.
    case ownSegment
  }

  /// The slots of the segment.
  public var range: Range<Int>
  /// What its tokens attended to.
  public var scope: Scope
  /// Whether the keys and values are what the model computes for the cache's tokens under the segments' rules. Cutting out the
  /// middle of a sequence or overwriting slots ends that, also for what attends to them afterwards.
  public var isIntact: Bool

  /// Creates a segment.
  public init(range: Range<Int>, scope: Scope, isIntact: Bool = true) {
    self.range = range
    self.scope = scope
    self.isIntact = isIntact
  }
}
