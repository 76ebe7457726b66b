/// Reports the progress of one phase of a run; phases nest and carry weights.
///
/// Named so that it does not collide with `Foundation.Progress`.
///
/// ```swift
/// let phases = context.progress.phases(["score": 1, "prune": 8, "measure": 1])
/// for epoch in 0..<12 {
///   phases["prune"].report(epoch, of: 12, "epoch \(epoch + 1) of 12")
/// }
/// ```
public struct ProgressReporter: Sendable {
  private let tracker: Tracker
  private let names: [String]
  private let start: Double
  private let span: Double

  /// The reporter of a whole run.
  public init(sink: any ProgressSink) {
    self.init(tracker: Tracker(sink: sink), names: [], start: 0, span: 1)
  }

  /// A reporter that shows nothing.
  public static let silent = ProgressReporter(sink: SilentProgressSink())

  private init(tracker: Tracker, names: [String], start: Double, span: Double) {
    self.tracker = tracker
    self.names = names
    self.start = start
    self.span = span
  }

  /// Tells how much of this phase is done, 0…1.
  public func report(_ fraction: Double, _ detail: String? = nil) {
    let within = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    tracker.update(ProgressState(phases: names, detail: detail, fraction: start + span * within))
  }

  /// Tells that `done` of `total` units of this phase are finished.
  public func report(_ done: Int, of total: Int, _ detail: String? = nil) {
    report(total > 0 ? Double(done) / Double(total) : 1, detail)
  }

  /// Shows a line that stays.
  public func message(_ text: String) {
    tracker.message(text)
  }

  /// The part of this phase between two fractions, under a name of its own.
  public func phase(_ name: String, from lower: Double = 0, to upper: Double = 1) -> ProgressReporter {
    let lower = min(max(lower, 0), 1)
    let upper = min(max(upper, lower), 1)
    return ProgressReporter(
      tracker: tracker, names: names + [name], start: start + span * lower, span: span * (upper - lower))
  }

  /// Divides this phase into consecutive phases whose lengths are proportional to the weights.
  public func phases(_ weights: KeyValuePairs<String, Double>) -> ProgressPhases {
    let total = weights.reduce(0) { $0 + max($1.value, 0) }
    var position = 0.0
    var result: [(name: String, reporter: ProgressReporter)] = []
    for (name, weight) in weights {
      let share = total > 0 ? max(weight, 0) / total : 0
      result.append((name, phase(name, from: position, to: position + share)))
      position += share
    }
    return ProgressPhases(whole: self, reporters: result)
  }

  /// Ends the display.
  func finish() {
    tracker.finish()
  }
}

/// The named phases made by ``ProgressReporter/phases(_:)``.
public struct ProgressPhases: Sendable {
  let whole: ProgressReporter
  let reporters: [(name: String, reporter: ProgressReporter)]

  /// The reporter of a phase. A name that was not declared reports as an unweighted phase of the whole.
  public subscript(_ name: String) -> ProgressReporter {
    reporters.first { $0.name == name }?.reporter ?? whole.phase(name, from: 0, to: 0)
  }
}

/// The state that all reporters of a run share: progress never runs backwards.
private final class Tracker: Sendable {
  private let sink: any ProgressSink
  private let furthest = Locked(0.0)

  init(sink: any ProgressSink) {
    self.sink = sink
  }

  func update(_ state: ProgressState) {
    var state = state
    state.fraction = furthest.withLock { furthest in
      furthest = max(furthest, state.fraction)
      return furthest
    }
    sink.update(state)
  }

  func message(_ text: String) {
    sink.message(text)
  }

  func finish() {
    sink.finish()
  }
}
