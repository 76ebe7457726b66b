/// What identifies a run for `--resume`: runs with equal requests compute the same.
public struct RunRequest: Sendable, Codable, Hashable {
  /// Experiment or pipeline identifier.
  public let experiment: String
  /// Scale of the work.
  public let scale: Scale
  /// Seed of all random streams.
  public let seed: UInt64
  /// Options given by the user.
  public let options: [String: String]

  /// A request.
  public init(experiment: String, scale: Scale, seed: UInt64, options: [String: String] = [:]) {
    self.experiment = experiment
    self.scale = scale
    self.seed = seed
    self.options = options
  }
}

/// The contents of `run.json`.
public struct RunDescription: Sendable, Codable, Hashable {
  /// How a run stands.
  public enum State: String, Sendable, Codable, Hashable {
    /// Under way, or killed without a chance to say so.
    case running
    /// Stopped by a signal.
    case interrupted
    /// Stopped by an error.
    case failed
    /// Complete, with a report.
    case finished
  }

  /// What was asked for.
  public let request: RunRequest
  /// Start of the first attempt, ISO 8601 in UTC.
  public let startedAt: String
  /// How the run stands.
  public var state: State

  /// A description.
  public init(request: RunRequest, startedAt: String, state: State) {
    self.request = request
    self.startedAt = startedAt
    self.state = state
  }
}
