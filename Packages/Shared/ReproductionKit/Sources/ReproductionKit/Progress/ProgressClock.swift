/// Estimates the remaining time of a run from its progress.
///
/// Replayed checkpoints make progress jump in no time; such jumps say nothing about the speed of the work that remains, so
/// they are left out of the estimate.
struct ProgressClock: Sendable {
  private var lastSeconds = 0.0
  private var lastFraction = 0.0
  private var workedSeconds = 0.0
  private var workedFraction = 0.0

  /// Progress faster than this fraction of the run per second counts as a replay.
  private static let replayRate = 0.5

  /// Notes that at `seconds` since the start the run stood at `fraction`.
  mutating func advance(to fraction: Double, at seconds: Double) {
    let elapsed = seconds - lastSeconds
    let gained = fraction - lastFraction
    guard elapsed > 0 else {
      lastFraction = max(lastFraction, fraction)
      return
    }
    if gained <= Self.replayRate * elapsed {
      workedSeconds += elapsed
      workedFraction += max(gained, 0)
    }
    lastSeconds = seconds
    lastFraction = max(lastFraction, fraction)
  }

  /// Estimated seconds until the run is complete; `nil` as long as too little is known.
  var remainingSeconds: Double? {
    guard workedFraction > 0.005, workedSeconds > 0.5 else { return nil }
    return (1 - lastFraction) * workedSeconds / workedFraction
  }
}
