import ImageDataset
import TinyTensor
import VisionModels

/// A network whose kernels are combinations of one global basis, as integers: what the chip runs.
public struct BasisNModel: Sendable {
  /// How it was made.
  public let configuration: EncodingConfiguration
  /// The basis, written once.
  public let basis: BasisSet
  /// Layers on crossbars, in graph order.
  public let layers: [EncodedLayer]
  /// The whole network with the kernels that the integers stand for; batch norms, biases and digital layers are float.
  public let network: Network

  /// Creates a model from integers; the kernels of `network` are replaced by what the integers stand for.
  /// - Throws: ``BasisNError/mismatch(_:)`` when a layer is not the network's.
  public init(
    configuration: EncodingConfiguration, basis: BasisSet, layers: [EncodedLayer], network: Network
  ) throws(BasisNError) {
    var network = network
    for layer in layers {
      let name = layer.shape.name + ".weight"
      guard
        let shape = network.node(named: layer.shape.name)?.parameterSpecifications.first(where: { $0.name == name })?
          .shape,
        shape.reduce(1, *) == layer.shape.weights, layer.slicing.length <= basis.length
      else {
        throw .mismatch("layer \(layer.shape.name) with \(layer.shape.weights) weights is not one of \(network.name)")
      }
      network.parameters[name] = Tensor(shape: shape, layer.kernels(basis: basis))
    }
    self.configuration = configuration
    self.basis = basis
    self.layers = layers
    self.network = network
  }

  /// Exports a trained code.
  /// - Parameters:
  ///   - network: holds everything that is not a kernel on a crossbar.
  ///   - inputs: how each layer's inputs are rounded, by name.
  public init(_ code: BasisCode, network: Network, inputs: [String: InputQuantizer]) throws(BasisNError) {
    try self.init(
      configuration: code.configuration, basis: code.basisSet(), layers: code.encodedLayers(inputs: inputs),
      network: network)
  }

  /// A layer by name.
  public func layer(_ name: String) -> EncodedLayer? { layers.first { $0.shape.name == name } }

  /// The network with its layers replaced by exact integer arithmetic (``MappedLayer``).
  public func integerNetwork() throws(BasisNError) -> Network {
    try mapped { layer throws(BasisNError) in ExactProduct(layer, basis: basis) }
  }

  /// The network with each layer replaced by a product of one's own.
  func mapped(
    _ product: (EncodedLayer) throws(BasisNError) -> any WindowProduct
  ) throws(BasisNError) -> Network {
    var result = network
    for layer in layers {
      guard let node = result.node(named: layer.shape.name) else { continue }
      let operation = try MappedLayer(node, layer: layer, product: product(layer))
      let biasName = layer.shape.name + ".bias"
      let bias = result.parameters[biasName].map { [biasName: $0] } ?? [:]
      try asBasisNError { () throws(NetworkError) in
        try result.replace(layer.shape.name, with: .custom(operation), parameters: bias)
      }
    }
    return result
  }

  /// Bits that the coefficients, their indices and the factors take.
  public var coefficientBits: Int {
    let indexBits = max(1, Int.bitWidth - (basis.count - 1).leadingZeroBitCount)
    return layers.reduce(0) { $0 + $1.atoms.count * (indexBits + configuration.bits) + 32 * $1.scales.count }
  }
}
