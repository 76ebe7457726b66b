import TinyTensor
import VisionModels

/// The network in 8-bit integers on ordinary digital hardware: weights rounded per kernel, inputs as on the chip.
public enum EightBitDigital {
  /// The network with integer layers.
  /// - Parameter inputs: how each layer's inputs are rounded, by name; layers without an entry stay float.
  public static func network(
    _ network: Network, inputs: [String: InputQuantizer]
  ) throws(BasisNError) -> Network {
    var result = network
    for shape in try NetworkShape(network).layers {
      guard let input = inputs[shape.name], let weight = network.parameters[shape.name + ".weight"],
        let node = network.node(named: shape.name)
      else { continue }
      let slicing = Slicing(reduction: shape.reduction, rows: shape.reduction)
      // The layer carries shape and input rounding; its arithmetic is the product's.
      let layer = try EncodedLayer(
        shape: shape, slicing: slicing, starts: [Int32](repeating: 0, count: shape.outputs + 1), atoms: [], values: [],
        scales: [Float](repeating: 1, count: shape.outputs), input: input, basis: 1)
      let operation = try MappedLayer(node, layer: layer, product: product(weight.scalars, shape, input))
      let biasName = shape.name + ".bias"
      let bias = result.parameters[biasName].map { [biasName: $0] } ?? [:]
      try asBasisNError { () throws(NetworkError) in
        try result.replace(shape.name, with: .custom(operation), parameters: bias)
      }
    }
    return result
  }

  private static func product(_ weights: [Float], _ shape: LayerShape, _ input: InputQuantizer) -> ExactProduct {
    var kernels: [[Int32]] = []
    var scales: [Float] = []
    for kernel in 0..<shape.outputs {
      let row = weights[kernel * shape.reduction..<(kernel + 1) * shape.reduction]
      let largest = row.reduce(Float(0)) { max($0, abs($1)) }
      let step = largest > 0 ? largest / 127 : 1
      kernels.append(row.map { Int32(($0 / step).rounded()) })
      scales.append(step)
    }
    return ExactProduct(kernels: kernels, scales: scales, groups: shape.groups, input: input)
  }
}
