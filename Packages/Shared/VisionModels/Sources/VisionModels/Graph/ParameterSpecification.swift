/// Name, shape and role of one tensor a node owns.
public struct ParameterSpecification: Sendable, Hashable {
  /// What a tensor is for; decides about training, weight decay and initialisation.
  public enum Role: String, Sendable, Hashable, Codable {
    /// Convolution or linear weight.
    case weight
    /// Convolution or linear bias.
    case bias
    /// Batch-norm scale γ.
    case scale
    /// Batch-norm shift β.
    case shift
    /// Batch-norm running mean (a buffer, not trained).
    case runningMean
    /// Batch-norm running variance (a buffer, not trained).
    case runningVariance
    /// A trained tensor of a custom operation.
    case custom
    /// A fixed tensor of a custom operation (a look-up table, a basis, …).
    case customBuffer

    /// Whether gradient descent changes it.
    public var isTrainable: Bool {
      switch self {
      case .weight, .bias, .scale, .shift, .custom: true
      case .runningMean, .runningVariance, .customBuffer: false
      }
    }
  }

  /// Tensor name; local (`"weight"`) inside an operation, full (`"conv1.weight"`) from a node or network.
  public let name: String
  /// Tensor shape in PyTorch's layout.
  public let shape: [Int]
  /// What it is for.
  public let role: Role

  /// Creates a specification.
  public init(name: String, shape: [Int], role: Role) {
    self.name = name
    self.shape = shape
    self.role = role
  }

  /// Number of scalars.
  public var count: Int { shape.reduce(1, *) }
}

extension Node.Operation {
  /// The tensors the operation owns, with local names, in PyTorch's order.
  public var parameterSpecifications: [ParameterSpecification] {
    switch self {
    case .conv2d(let conv):
      let weight = ParameterSpecification(
        name: "weight",
        shape: [conv.outputChannels, conv.inputChannels / max(conv.groups, 1), conv.kernel, conv.kernel], role: .weight)
      return conv.bias
        ? [weight, ParameterSpecification(name: "bias", shape: [conv.outputChannels], role: .bias)] : [weight]
    case .linear(let linear):
      let weight = ParameterSpecification(
        name: "weight", shape: [linear.outputFeatures, linear.inputFeatures], role: .weight)
      return linear.bias
        ? [weight, ParameterSpecification(name: "bias", shape: [linear.outputFeatures], role: .bias)] : [weight]
    case .batchNorm(let norm):
      let shape = [norm.channels]
      return [
        ParameterSpecification(name: "weight", shape: shape, role: .scale),
        ParameterSpecification(name: "bias", shape: shape, role: .shift),
        ParameterSpecification(name: "running_mean", shape: shape, role: .runningMean),
        ParameterSpecification(name: "running_var", shape: shape, role: .runningVariance),
      ]
    case .custom(let operation):
      return operation.parameterSpecifications
    default:
      return []
    }
  }
}
