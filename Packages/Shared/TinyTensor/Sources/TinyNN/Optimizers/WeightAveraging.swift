import TinyTensor

/// An exponential moving average of parameters (and of running statistics, if they are passed along).
public struct ExponentialMovingAverage: Sendable {
  /// The weight of the old average.
  public var decay: Float
  private var averages = Slots()

  /// Creates an empty average; the first update copies.
  public init(decay: Float) { self.decay = decay }

  /// `average = decay · average + (1 − decay) · w`.
  public mutating func update(_ variables: [Variable]) {
    let decay = decay
    averages.blend(variables) { average, value in decay * average + (1 - decay) * value }
  }

  /// Writes the averages into the variables.
  public func copy(to variables: [Variable]) { averages.copy(to: variables) }

  /// The averages for checkpoints, `"ema.<name>"`.
  public var state: [String: Tensor] {
    get { averages.prefixed("ema.") }
    set { averages = Slots(newValue, prefix: "ema.") }
  }
}

/// The plain mean of the weights at several points of the training (stochastic weight averaging, Izmailov et al., 2018).
/// Follow it by ``reestimateStatistics(of:over:forward:)``.
public struct StochasticWeightAverage: Sendable {
  /// How many updates there were.
  public private(set) var count = 0
  private var averages = Slots()

  /// Creates an empty average.
  public init() {}

  /// Takes the present weights in.
  public mutating func update(_ variables: [Variable]) {
    count += 1
    let share = 1 / Float(count)
    averages.blend(variables) { average, value in average + (value - average) * share }
  }

  /// Writes the averages into the variables.
  public func copy(to variables: [Variable]) { averages.copy(to: variables) }
}

/// Lookahead (Zhang et al., 2019): every few steps the slow weights move towards the fast ones, which then restart from them:
/// `slow = decay · slow + (1 − decay) · w;  w = slow`.
public struct Lookahead: Sendable {
  private var slow = Slots()

  /// Starts from the present weights.
  public init(_ variables: [Variable]) { slow.blend(variables) { _, value in value } }

  /// Moves the slow weights and copies them back; call it every few steps. With `decay` 1 the fast weights are replaced by
  /// the slow ones, as at the end of training.
  public mutating func update(_ variables: [Variable], decay: Float) {
    slow.blend(variables) { slow, value in decay * slow + (1 - decay) * value }
    slow.copy(to: variables)
  }

  /// The slow weights for checkpoints, `"slow.<name>"`.
  public var state: [String: Tensor] {
    get { slow.prefixed("slow.") }
    set { slow = Slots(newValue, prefix: "slow.") }
  }
}

extension Slots {
  /// Replaces each slot by `rule(slot, value)`; absent slots become the value.
  mutating func blend(_ variables: [Variable], _ rule: @Sendable (Lanes, Lanes) -> Lanes) {
    for (position, variable) in variables.enumerated() {
      let key = variable.name ?? "#\(position)"
      if tensors[key] == nil {
        self[key] = variable.value
      } else {
        update(key, shape: variable.shape) { $0.updateLanes(with: variable.value, rule) }
      }
    }
  }

  func copy(to variables: [Variable]) {
    for (position, variable) in variables.enumerated() {
      if let tensor = self[variable.name ?? "#\(position)"] { variable.value = tensor }
    }
  }
}
