/// What one call on the simulated core took.
public struct RunStatistics: Sendable, Hashable, Codable {
  /// Returned value.
  public var result: Int32
  /// Instructions retired.
  public var instructions: UInt64
  /// Cycles of the core model.
  public var cycles: UInt64
  /// Stack high-water mark in bytes.
  public var stack: UInt32
}
