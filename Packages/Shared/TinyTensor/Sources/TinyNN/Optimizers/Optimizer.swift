import TinyTensor

/// A rule that moves parameters against their gradients.
///
/// Optimisers are values: a copy is a snapshot. Their slots (momentum, second moments) are kept under the names of the
/// parameters, which must therefore differ, so that training can stop and go on bit for bit.
public protocol Optimizer: Sendable {
  /// Changes every parameter that has a gradient, in place; the others are skipped. Gradients are left as they are.
  mutating func step(_ parameters: [Variable], learningRate: Float)

  /// The slots for checkpoints: `"v.<parameter>"` and so on. Unnamed parameters are called by their position, `"#3"`.
  var state: [String: Tensor] { get set }
}

/// Parameters that are treated differently: another learning rate, or no weight decay.
public struct ParameterGroup: Sendable {
  /// Whether a parameter belongs to the group.
  public let contains: @Sendable (Variable) -> Bool
  /// Multiplies the learning rate.
  public let learningRateScale: Float
  /// Multiplies the weight decay.
  public let weightDecayScale: Float

  /// Creates a group; a parameter belongs to the first group of an optimiser that contains it.
  public init(
    learningRateScale: Float = 1, weightDecayScale: Float = 1, contains: @escaping @Sendable (Variable) -> Bool
  ) {
    self.contains = contains
    self.learningRateScale = learningRateScale
    self.weightDecayScale = weightDecayScale
  }

  /// Biases and normalisation scales, recognised by their rank, without weight decay.
  public static let vectorsWithoutDecay = ParameterGroup(weightDecayScale: 0) { $0.value.rank <= 1 }

  /// The parameters with the given names.
  public static func named(
    _ names: Set<String>, learningRateScale: Float = 1, weightDecayScale: Float = 1
  ) -> ParameterGroup {
    ParameterGroup(learningRateScale: learningRateScale, weightDecayScale: weightDecayScale) {
      $0.name.map(names.contains) ?? false
    }
  }
}

extension [ParameterGroup] {
  /// Learning rate and weight decay of a parameter.
  func rates(
    for parameter: Variable, learningRate: Float, weightDecay: Float
  ) -> (learningRate: Float, weightDecay: Float) {
    guard let group = first(where: { $0.contains(parameter) }) else { return (learningRate, weightDecay) }
    return (learningRate * group.learningRateScale, weightDecay * group.weightDecayScale)
  }
}

extension [Variable] {
  /// Calls `body` for every parameter that has a gradient, with the key of its optimiser slots.
  func forEachGradient(_ body: (_ key: String, _ parameter: Variable, _ gradient: Tensor) -> Void) {
    for (position, parameter) in enumerated() {
      if let gradient = parameter.gradient { body(parameter.name ?? "#\(position)", parameter, gradient) }
    }
  }

  /// Forgets the gradients of all.
  public func clearGradients() {
    for parameter in self { parameter.clearGradient() }
  }
}
