import TinyTensor

/// The running statistics of one batch normalisation.
///
/// They are variables without gradient, so that averaging, checkpoints and parameter lists treat them like weights.
public final class BatchNormState {
  /// How new batches enter the running statistics.
  public enum Averaging: Sendable, Hashable {
    /// `running = (1 − momentum) · running + momentum · batch`.
    case exponential
    /// The plain mean of all batches since ``BatchNormState/reset()``.
    case cumulative
  }

  /// The running mean, `[channels]`, named `"<name>.running_mean"`.
  public let runningMean: Variable
  /// The running unbiased variance, `[channels]`, named `"<name>.running_var"`.
  public let runningVariance: Variable
  /// How batches are averaged.
  public var averaging = Averaging.exponential
  /// Batches seen since ``reset()``.
  public private(set) var batches = 0

  /// The number of channels.
  public var channels: Int { runningMean.value.count }

  /// Wraps existing statistics.
  public init(runningMean: Variable, runningVariance: Variable) {
    precondition(runningMean.shape == runningVariance.shape, "running mean and variance differ in shape")
    self.runningMean = runningMean
    self.runningVariance = runningVariance
  }

  /// Fresh statistics: mean 0, variance 1.
  public convenience init(channels: Int, name: String? = nil) {
    self.init(
      runningMean: Variable(Tensor(zeros: [channels]), name: name.map { $0 + ".running_mean" }),
      runningVariance: Variable(Tensor(repeating: 1, shape: [channels]), name: name.map { $0 + ".running_var" }))
  }

  /// Back to mean 0, variance 1 and no batches seen.
  public func reset() {
    runningMean.value = Tensor(zeros: [channels])
    runningVariance.value = Tensor(repeating: 1, shape: [channels])
    batches = 0
  }

  /// Takes the statistics of a batch in.
  /// - Parameters:
  ///   - variance: biased, as used for normalisation.
  ///   - samples: values per channel.
  func update(mean: Tensor, variance: Tensor, samples: Int, momentum: Float) {
    batches += 1
    let share = averaging == .cumulative ? 1 / Float(batches) : momentum
    let correction = Float(samples) / Float(max(1, samples - 1))
    runningMean.value.updateLanes(with: mean) { (1 - share) * $0 + share * $1 }
    runningVariance.value.updateLanes(with: variance) { (1 - share) * $0 + share * (correction * $1) }
  }
}

/// Re-estimates running statistics from scratch as plain averages over `batches`, for instance after averaging weights or after
/// quantisation. `forward` must run the network in training mode; nothing is recorded.
public func reestimateStatistics<Batches: Sequence>(
  of states: [BatchNormState], over batches: Batches, forward: (Batches.Element) throws -> Void
) rethrows {
  let before = states.map(\.averaging)
  for state in states {
    state.reset()
    state.averaging = .cumulative
  }
  defer { for (state, averaging) in zip(states, before) { state.averaging = averaging } }
  try withoutGradients { for batch in batches { try forward(batch) } }
}
