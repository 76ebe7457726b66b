import TinyNN
import TinyTensor
import VisionModels

/// A convolution or linear layer whose arithmetic is done by basis vectors: inputs are rounded, cut into windows, multiplied
/// by a ``WindowProduct``, and scaled back. For inference only: it has no gradient.
public struct MappedLayer: CustomOperation {
  /// The layer's integers.
  public let layer: EncodedLayer
  /// Its arithmetic.
  public let product: any WindowProduct
  private let geometry: Conv2d
  private let isLinear: Bool

  /// Images that are cut into windows at once; bounds the memory.
  static let imagesPerPass = 16

  /// Puts arithmetic in the place of a node.
  /// - Throws: ``BasisNError/mismatch(_:)`` if the node is neither convolution nor linear layer.
  public init(_ node: Node, layer: EncodedLayer, product: any WindowProduct) throws(BasisNError) {
    (geometry, isLinear) = try Self.attributes(of: node)
    self.layer = layer
    self.product = product
  }

  public var kind: String { "basisn.mapped" }

  public var configuration: String { "{\"layer\":\"\(layer.shape.name)\"}" }

  public var parameterSpecifications: [ParameterSpecification] {
    geometry.bias ? [ParameterSpecification(name: "bias", shape: [geometry.outputChannels], role: .bias)] : []
  }

  public func outputShape(inputs: [[Int]]) throws(NetworkError) -> [Int] {
    guard inputs.count == 1, inputs[0].last == geometry.inputChannels, inputs[0].count == (isLinear ? 1 : 3) else {
      throw .shapeMismatch(node: "", detail: "\(inputs) for a layer with \(geometry.inputChannels) input channels")
    }
    guard !isLinear else { return [geometry.outputChannels] }
    return Array(try Self.convolution(geometry, batch: 1, inputs[0]).outputShape.dropFirst())
  }

  public func macs(inputs: [[Int]], output: [Int]) -> Int { layer.shape.macs }

  public func forward(
    _ inputs: [Variable], parameters: [String: Variable], mode: ForwardMode
  ) throws(NetworkError) -> Variable {
    let x = inputs[0].value
    let image = isLinear ? [1, 1, geometry.inputChannels] : Array(x.shape.dropFirst())
    var parts: [Tensor] = []
    var start = 0
    while start < x.shape[0] {
      let range = start..<min(start + Self.imagesPerPass, x.shape[0])
      let part = x.slice(range).reshaped([range.count] + image)
      parts.append(outputs(part, try Self.convolution(geometry, batch: range.count, image)))
      start = range.upperBound
    }
    var y = parts.count == 1 ? parts[0] : Tensor.concatenatedFirst(parts)
    if isLinear { y = y.reshaped([x.shape[0], geometry.outputChannels]) }
    guard let bias = parameters["bias"] else { return Variable(y) }
    return Variable(y + bias.value)
  }

  /// The rounded windows that a layer of a network reads from some inputs, `[windows, reduction]`.
  static func windows(
    of inputs: Tensor, layer: EncodedLayer, in network: Network, group: Int
  ) throws(BasisNError) -> Tensor {
    guard let node = network.node(named: layer.shape.name) else {
      throw .mismatch("layer \(layer.shape.name) is not in \(network.name)")
    }
    let (geometry, isLinear) = try attributes(of: node)
    let image = isLinear ? [1, 1, geometry.inputChannels] : Array(inputs.shape.dropFirst())
    let convolution = try asBasisNError { () throws(NetworkError) -> ConvGeometry in
      try Self.convolution(geometry, batch: inputs.shape[0], image)
    }
    return WindowKernel.gather(
      inputs.reshaped([inputs.shape[0]] + image), convolution, group: group, quantizer: layer.input)
  }

  /// The output of one mapped layer of a network for given inputs, without its bias.
  static func output(of name: String, in network: Network, inputs: Tensor) throws(BasisNError) -> Tensor {
    guard case .custom(let operation)? = network.node(named: name)?.op, let mapped = operation as? MappedLayer else {
      throw .mismatch("\(name) is not a mapped layer of \(network.name)")
    }
    return try asBasisNError { () throws(NetworkError) -> Tensor in
      try mapped.forward([Variable(inputs)], parameters: [:], mode: .evaluation).value
    }
  }

  private func outputs(_ x: Tensor, _ convolution: ConvGeometry) -> Tensor {
    let keys = product.needsKeys ? WindowKernel.imageKeys(x, quantizer: layer.input) : []
    let scale = layer.input.scale
    let groups = (0..<convolution.groups).map { group in
      let windows = WindowKernel.gather(x, convolution, group: group, quantizer: layer.input)
      return product.product(windows, group: group, keys: keys) * scale
    }
    return (groups.count == 1 ? groups[0] : Tensor.concatenatedLast(groups)).reshaped(convolution.outputShape)
  }

  /// A convolution, or a linear layer as a 1×1 convolution of a 1×1 image.
  private static func attributes(of node: Node) throws(BasisNError) -> (Conv2d, isLinear: Bool) {
    switch node.op {
    case .conv2d(let convolution): return (convolution, false)
    case .linear(let linear):
      let convolution = Conv2d(
        inputChannels: linear.inputFeatures, outputChannels: linear.outputFeatures, kernel: 1, bias: linear.bias)
      return (convolution, true)
    default: throw .mismatch("node \(node.name) is a \(node.op.kind), neither convolution nor linear layer")
    }
  }

  private static func convolution(
    _ geometry: Conv2d, batch: Int, _ image: [Int]
  ) throws(NetworkError) -> ConvGeometry {
    do {
      return try ConvGeometry(
        batch: batch, inputHeight: image[0], inputWidth: image[1], inputChannels: image[2],
        outputChannels: geometry.outputChannels, kernelHeight: geometry.kernel, kernelWidth: geometry.kernel,
        stride: geometry.stride, padding: geometry.padding, dilation: geometry.dilation, groups: geometry.groups)
    } catch {
      throw .shapeMismatch(node: "", detail: "\(error)")
    }
  }
}
