import TinyTensor

/// How fresh weights are drawn.
public struct Initialization: Sendable, Hashable, Codable {
  /// Distribution of the convolution weights; linear layers are always PyTorch's uniform(±1/√in).
  public enum Convolution: String, Sendable, Hashable, Codable, CaseIterable {
    /// Normal with variance 2 / (outputs · kernel²) (He et al. 2015).
    case heFanOut
    /// Normal with variance 2 / (inputs · kernel²).
    case heFanIn
    /// PyTorch's default: uniform(±1/√(inputs · kernel²)).
    case pytorch
    /// PyTorch's default, then the first filters pass one input channel through (airbench).
    case dirac
  }

  /// Distribution of convolution weights.
  public var convolution: Convolution
  /// Batch-norm scale γ at the start.
  public var batchNormScale: Float
  /// Whether the batch norm in front of a residual sum starts with γ = 0, so that blocks start as identities.
  public var zeroLastBatchNorm: Bool

  /// Creates a scheme.
  public init(_ convolution: Convolution = .heFanOut, batchNormScale: Float = 1, zeroLastBatchNorm: Bool = false) {
    self.convolution = convolution
    self.batchNormScale = batchNormScale
    self.zeroLastBatchNorm = zeroLastBatchNorm
  }

  /// He-normal, fan-out: ResNet, VGG, DenseNet.
  public static let heFanOut = Initialization(.heFanOut)
  /// He-normal, fan-in.
  public static let heFanIn = Initialization(.heFanIn)
  /// PyTorch's layer defaults.
  public static let pytorch = Initialization(.pytorch)
  /// The airbench recipe's.
  public static let dirac = Initialization(.dirac)
}

extension Network {
  /// Draws all tensors afresh. Each tensor has its own random stream, named after it: the values depend on the seed and
  /// the name alone, not on the order or the number of layers.
  public mutating func initialize(seed: UInt64, _ scheme: Initialization = .heFanOut) {
    let zeroed = scheme.zeroLastBatchNorm ? residualBatchNorms : []
    for node in nodes {
      for specification in node.parameterSpecifications {
        var generator = Philox(seed: seed, stream: "initialize." + specification.name)
        parameters[specification.name] =
          switch specification.role {
          case .scale:
            Tensor(repeating: zeroed.contains(node.name) ? 0 : scheme.batchNormScale, shape: specification.shape)
          case .weight where specification.shape.count == 4:
            scheme.convolutionWeight(specification.shape, using: &generator)
          case .weight, .bias:
            Self.uniform(node, specification.shape, role: specification.role, scheme, using: &generator)
          case .custom, .customBuffer:
            Self.custom(node, specification, using: &generator)
          default: specification.defaultValue
          }
      }
    }
  }

  /// Batch norms that are the first operand of a sum: the ends of the residual branches.
  private var residualBatchNorms: Set<String> {
    Set(
      nodes.compactMap { node in
        guard case .add = node.op, let first = node.inputs.first, case .batchNorm? = self.node(named: first)?.op else {
          return nil
        }
        return first
      })
  }

  /// uniform(±1/√in) for linear weights and biases, and for convolution biases under PyTorch's default; else zero.
  private static func uniform(
    _ node: Node, _ shape: [Int], role: ParameterSpecification.Role, _ scheme: Initialization,
    using generator: inout Philox
  ) -> Tensor {
    let fanIn: Int
    switch node.op {
    case .linear(let linear): fanIn = linear.inputFeatures
    case .conv2d(let conv) where scheme.convolution == .pytorch:
      fanIn = conv.inputChannels / conv.groups * conv.kernel * conv.kernel
    default: return Tensor(zeros: shape)
    }
    let bound = 1 / Float(fanIn).squareRoot()
    return Tensor.uniform(shape, in: -bound...bound, using: &generator)
  }

  private static func custom(
    _ node: Node, _ specification: ParameterSpecification, using generator: inout Philox
  ) -> Tensor {
    guard case .custom(let operation) = node.op else { return specification.defaultValue }
    let local = String(specification.name.dropFirst(node.name.count + 1))
    let value = operation.initialValue(
      of: ParameterSpecification(name: local, shape: specification.shape, role: specification.role), using: &generator)
    precondition(value.shape == specification.shape, "\(specification.name): initial value has the wrong shape")
    return value
  }
}

extension Initialization {
  func convolutionWeight(_ shape: [Int], using generator: inout Philox) -> Tensor {
    let receptive = shape[2] * shape[3]
    switch convolution {
    case .heFanOut:
      return .normal(shape, standardDeviation: (2 / Float(shape[0] * receptive)).squareRoot(), using: &generator)
    case .heFanIn:
      return .normal(shape, standardDeviation: (2 / Float(shape[1] * receptive)).squareRoot(), using: &generator)
    case .pytorch, .dirac:
      let bound = 1 / Float(shape[1] * receptive).squareRoot()
      let weight = Tensor.uniform(shape, in: -bound...bound, using: &generator)
      return convolution == .dirac ? Self.dirac(weight) : weight
    }
  }

  /// Filter `o < inputs` becomes the identity on channel `o`; the rest stay random.
  private static func dirac(_ weight: Tensor) -> Tensor {
    let (outputs, inputs, height, width) = (weight.shape[0], weight.shape[1], weight.shape[2], weight.shape[3])
    let size = inputs * height * width
    var scalars = weight.scalars
    for filter in 0..<min(outputs, inputs) {
      for index in filter * size..<(filter + 1) * size { scalars[index] = 0 }
      scalars[filter * size + (filter * height + height / 2) * width + width / 2] = 1
    }
    return Tensor(shape: weight.shape, scalars)
  }
}
