/// Where progress is shown. Sinks are called from any thread.
public protocol ProgressSink: Sendable {
  /// The run moved on.
  func update(_ state: ProgressState)
  /// A line for the reader, which must not be overwritten.
  func message(_ text: String)
  /// The run ended: leave the terminal clean.
  func finish()
}

/// How far a run is.
public struct ProgressState: Sendable, Hashable {
  /// Names of the nested phases, outermost first.
  public var phases: [String]
  /// A detail of the current phase, such as `epoch 3 of 12`.
  public var detail: String?
  /// Finished part of the whole run, 0…1.
  public var fraction: Double

  /// A state.
  public init(phases: [String] = [], detail: String? = nil, fraction: Double = 0) {
    self.phases = phases
    self.detail = detail
    self.fraction = fraction
  }
}

/// Shows nothing. For tests and libraries.
public struct SilentProgressSink: ProgressSink {
  /// The sink.
  public init() {}
  /// Does nothing.
  public func update(_ state: ProgressState) {}
  /// Does nothing.
  public func message(_ text: String) {}
  /// Does nothing.
  public func finish() {}
}
