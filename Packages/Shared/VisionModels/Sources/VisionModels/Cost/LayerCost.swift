import TinyTensor

/// What one node costs for one image: exact counts from shapes alone.
public struct LayerCost: Sendable, Hashable {
  /// Name of the node.
  public let node: String
  /// Kind of the operation, e.g. `"conv2d"`.
  public let kind: String
  /// Shape of the first input, without batch.
  public let inputShape: [Int]
  /// Shape of the output, without batch.
  public let outputShape: [Int]
  /// Multiply-accumulates of convolutions, linear layers and custom operations (biases, batch norm, pooling, adds: 0).
  public let macs: Int
  /// Trainable scalars.
  public let parameters: Int
  /// Bytes of all tensors of the node as Float32, running statistics included.
  public let weightBytes: Int
  /// Bytes of all inputs as Float32.
  public let inputBytes: Int
  /// Bytes of the output as Float32.
  public let outputBytes: Int
  /// Elements that pass through batch normalisation.
  public let batchNormElements: Int
  /// The layer as a matrix product, if it is one.
  public let matrix: MatrixShape?
  /// The layer's geometry for one image, if it is a convolution.
  public let convolution: ConvGeometry?

  /// A convolution or linear layer seen as `groups` products of `[outputPixels × reduction] · [reduction × outputs]`.
  public struct MatrixShape: Sendable, Hashable {
    /// P: output positions of one image.
    public let outputPixels: Int
    /// K: products summed for one output value.
    public let reduction: Int
    /// O: output channels per group.
    public let outputs: Int
    /// Independent products.
    public let groups: Int

    /// Creates a shape.
    public init(outputPixels: Int, reduction: Int, outputs: Int, groups: Int = 1) {
      self.outputPixels = outputPixels
      self.reduction = reduction
      self.outputs = outputs
      self.groups = groups
    }
  }
}

/// The counts of a whole network for one image.
public struct NetworkCost: Sendable, Hashable {
  /// One entry per node, in graph order.
  public let layers: [LayerCost]

  /// Multiply-accumulates for one image.
  public var macs: Int { layers.reduce(0) { $0 + $1.macs } }
  /// Trainable scalars.
  public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }
  /// Bytes of all tensors as Float32.
  public var weightBytes: Int { layers.reduce(0) { $0 + $1.weightBytes } }
  /// Bytes of all layer outputs as Float32 (what training keeps for the backward pass).
  public var activationBytes: Int { layers.reduce(0) { $0 + $1.outputBytes } }

  /// The entry of one node.
  public subscript(node: String) -> LayerCost? { layers.first { $0.node == node } }
}

extension Network {
  /// Exact parameter, multiply-accumulate and byte counts for one image of ``inputShape``.
  public func cost() -> NetworkCost {
    NetworkCost(
      layers: nodes.map { node in
        let inputs = node.inputs.map { shapeByName[$0] ?? [] }
        let output = shapeByName[node.name] ?? []
        let specifications = node.parameterSpecifications
        return LayerCost(
          node: node.name, kind: node.op.kind, inputShape: inputs.first ?? [], outputShape: output,
          macs: node.op.macs(inputs: inputs, output: output),
          parameters: specifications.reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) },
          weightBytes: specifications.reduce(0) { $0 + 4 * $1.count },
          inputBytes: inputs.reduce(0) { $0 + 4 * $1.reduce(1, *) },
          outputBytes: 4 * output.reduce(1, *),
          batchNormElements: node.op.kind == "batchNorm" ? output.reduce(1, *) : 0,
          matrix: node.op.matrixShape(output: output), convolution: node.op.geometry(input: inputs.first ?? []))
      })
  }
}

extension Node.Operation {
  func macs(inputs: [[Int]], output: [Int]) -> Int {
    if case .custom(let operation) = self { return operation.macs(inputs: inputs, output: output) }
    guard let matrix = matrixShape(output: output) else { return 0 }
    return matrix.outputPixels * matrix.reduction * matrix.outputs * matrix.groups
  }

  func geometry(input: [Int]) -> ConvGeometry? {
    guard case .conv2d(let conv) = self else { return nil }
    return conv.geometry(input: input)
  }

  func matrixShape(output: [Int]) -> LayerCost.MatrixShape? {
    switch self {
    case .conv2d(let conv):
      LayerCost.MatrixShape(
        outputPixels: output[0] * output[1], reduction: conv.inputChannels / conv.groups * conv.kernel * conv.kernel,
        outputs: conv.outputChannels / conv.groups, groups: conv.groups)
    case .linear(let linear):
      LayerCost.MatrixShape(
        outputPixels: 1, reduction: linear.inputFeatures, outputs: linear.outputFeatures, groups: 1)
    default: nil
    }
  }
}
