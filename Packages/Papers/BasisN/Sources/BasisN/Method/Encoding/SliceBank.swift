import TinyTensor
import VisionModels

/// All kernel slices of a network that go onto crossbars, padded with zeros to the height of a crossbar.
public struct SliceBank: Sendable {
  /// One layer of the bank.
  public struct Layer: Sendable, Hashable, Codable {
    /// Shape of the layer.
    public let shape: LayerShape
    /// Where its kernels are cut.
    public let slicing: Slicing
    /// Row of ``SliceBank/vectors`` of kernel 0, slice 0; kernel `o`, slice `s` is `offset + o · slices + s`.
    public let offset: Int

    /// Kernel slices of the layer.
    public var sliceCount: Int { shape.outputs * slicing.count }
    /// Row of a kernel slice.
    public func row(kernel: Int, slice: Int) -> Int { offset + kernel * slicing.count + slice }
  }

  /// Kernel slices that meet the same inputs in the same crossbars, so that they contest for columns: the kernels of one
  /// group, at one slice position.
  public struct ContestGroup: Sendable, Hashable {
    /// Index of the layer.
    public let layer: Int
    /// Position of the slice in its kernel.
    public let slice: Int
    /// Rows of ``SliceBank/vectors``, in kernel order.
    public let rows: [Int]
  }

  /// Layers in graph order.
  public let layers: [Layer]
  /// The slices, `[slices, rows]`.
  public let vectors: Tensor
  /// Height of a crossbar (N).
  public let rows: Int

  /// Cuts the convolutions and linear layers of a network.
  /// - Throws: ``BasisNError/badWeights(layer:index:)``, ``BasisNError/nothingToEncode(_:)``,
  ///   ``BasisNError/invalidSetting(_:value:expected:)`` for a digital layer that the network does not have.
  public init(_ network: Network, configuration: EncodingConfiguration) throws(BasisNError) {
    try configuration.validate()
    let shape = try NetworkShape(network)
    if let unknown = configuration.digitalLayers.first(where: { name in !shape.layers.contains { $0.name == name } }) {
      throw .unknownName(kind: "layer", name: unknown, known: shape.layers.map(\.name))
    }
    var layers: [Layer] = []
    var offset = 0
    for layer in shape.layers where !configuration.digitalLayers.contains(layer.name) {
      let slicing = Slicing(reduction: layer.reduction, rows: configuration.rows, rule: configuration.slicing)
      layers.append(Layer(shape: layer, slicing: slicing, offset: offset))
      offset += layer.outputs * slicing.count
    }
    guard !layers.isEmpty else { throw .nothingToEncode("every layer is digital") }
    var vectors = Tensor(zeros: [offset, configuration.rows])
    for layer in layers {
      guard let weight = network.parameters[layer.shape.name + ".weight"] else {
        throw .nothingToEncode("layer \(layer.shape.name) has no weight tensor")
      }
      let scalars = weight.scalars
      if let index = scalars.firstIndex(where: { !$0.isFinite }) {
        throw .badWeights(layer: layer.shape.name, index: index)
      }
      Self.write(scalars, of: layer, into: &vectors)
    }
    self.init(layers: layers, vectors: vectors)
  }

  /// A bank with other vectors of the same layout.
  public init(layers: [Layer], vectors: Tensor) {
    self.layers = layers
    self.vectors = vectors
    rows = vectors.shape[1]
  }

  /// Number of kernel slices.
  public var count: Int { vectors.shape[0] }

  /// Every contest of the network, layer by layer, group by group, slice by slice.
  public var contests: [ContestGroup] {
    var result: [ContestGroup] = []
    for (index, layer) in layers.enumerated() {
      let kernels = layer.shape.kernelsPerGroup
      for group in 0..<layer.shape.groups {
        for slice in 0..<layer.slicing.count {
          let rows = (group * kernels..<(group + 1) * kernels).map { layer.row(kernel: $0, slice: slice) }
          result.append(ContestGroup(layer: index, slice: slice, rows: rows))
        }
      }
    }
    return result
  }

  /// Weights of every row before the padding.
  public var lengths: [Int] {
    var result = [Int](repeating: 0, count: count)
    for layer in layers {
      for kernel in 0..<layer.shape.outputs {
        for slice in 0..<layer.slicing.count {
          result[layer.row(kernel: kernel, slice: slice)] = layer.slicing.range(slice).count
        }
      }
    }
    return result
  }

  /// Puts the slices of one layer back together, flattened kernels in `[outputs × reduction]` order.
  public func kernels(of layer: Layer) -> [Float] {
    var result = [Float](repeating: 0, count: layer.shape.weights)
    vectors.withUnsafeBufferPointer { source in
      for kernel in 0..<layer.shape.outputs {
        for slice in 0..<layer.slicing.count {
          let row = layer.row(kernel: kernel, slice: slice) * rows
          for (position, weight) in layer.slicing.range(slice).enumerated() {
            result[kernel * layer.shape.reduction + weight] = source[row + position]
          }
        }
      }
    }
    return result
  }

  /// Cuts flattened kernels into the rows of a bank.
  static func write(_ kernels: [Float], of layer: Layer, into vectors: inout Tensor) {
    let width = vectors.shape[1]
    vectors.withUnsafeMutableBufferPointer { target in
      for kernel in 0..<layer.shape.outputs {
        for slice in 0..<layer.slicing.count {
          let row = layer.row(kernel: kernel, slice: slice) * width
          for (position, weight) in layer.slicing.range(slice).enumerated() {
            target[row + position] = kernels[kernel * layer.shape.reduction + weight]
          }
        }
      }
    }
  }
}
