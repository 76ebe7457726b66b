import TinyTensor
import VisionModels

/// A network's kernels in the form that is trained: real coefficients and a real basis, rounded on the way to the weights.
///
/// `weights = (mask ∘ α·round(c / α)) · step·round(β / step)`: see ``effectiveVectors()``.
public struct BasisCode: Sendable {
  /// How it was made.
  public let configuration: EncodingConfiguration
  /// Layers in graph order, with the row of their first slice.
  public let layers: [SliceBank.Layer]
  /// Real coefficients (c), `[slices, B]`, zero outside the mask.
  public var coefficients: Tensor
  /// 1 where a slice may use a vector, `[slices, B]`.
  public var mask: Tensor
  /// Coefficient per integer, one per slice (α).
  public var steps: [Float]
  /// Real basis (β), `[B, N]`.
  public var basis: Tensor
  /// Basis entry per cell level.
  public var basisStep: Float

  /// Learns a basis for a network and codes every kernel slice with it (section 2.5, steps 1–3).
  public init(encoding network: Network, configuration: EncodingConfiguration) throws(BasisNError) {
    let bank = try SliceBank(network, configuration: configuration)
    let learned = try BasisLearner(configuration).learn(from: bank)
    try self.init(bank, basis: learned.basis, configuration: configuration)
  }

  /// Codes a bank with a given basis of unit vectors.
  public init(_ bank: SliceBank, basis: Tensor, configuration: EncodingConfiguration) throws(BasisNError) {
    try configuration.validate()
    guard basis.shape == [configuration.basis, bank.rows] else {
      throw .mismatch("basis \(basis.shape) for \(configuration.basis) vectors of \(bank.rows) rows")
    }
    let codes = SparseCoder(sparsity: configuration.nonzeros, contest: configuration.contest).codes(bank, basis: basis)
    let basisStep = Self.basisStep(basis, maximumLevel: configuration.maximumLevel)
    self.init(
      configuration: configuration, layers: bank.layers, coefficients: codes.dense,
      mask: codes.dense.map { $0 == 0 ? 0 : 1 },
      steps: Self.steps(codes, layers: bank.layers, configuration: configuration, basisStep: basisStep), basis: basis,
      basisStep: basisStep)
  }

  init(
    configuration: EncodingConfiguration, layers: [SliceBank.Layer], coefficients: Tensor, mask: Tensor,
    steps: [Float], basis: Tensor, basisStep: Float
  ) {
    self.configuration = configuration
    self.layers = layers
    self.coefficients = coefficients
    self.mask = mask
    self.steps = steps
    self.basis = basis
    self.basisStep = basisStep
  }

  /// The kernel slices that the rounded numbers stand for, `[slices, N]`; entries beyond a slice's length mean nothing.
  public func effectiveVectors() -> Tensor { matmul(roundedCoefficients(), roundedBasis()) }

  /// The network with these kernels.
  public func network(_ original: Network) -> Network {
    let bank = SliceBank(layers: layers, vectors: effectiveVectors())
    var network = original
    for layer in layers {
      let name = layer.shape.name + ".weight"
      guard let weight = network.parameters[name] else { continue }
      network.parameters[name] = Tensor(shape: weight.shape, bank.kernels(of: layer))
    }
    return network
  }

  /// The basis as cell levels.
  public func basisSet() throws(BasisNError) -> BasisSet {
    try BasisSet(rounding: basis, step: basisStep, cellBits: configuration.cellBits)
  }

  /// The layers as integers.
  /// - Parameter inputs: how each layer's inputs are rounded, by name.
  public func encodedLayers(inputs: [String: InputQuantizer]) throws(BasisNError) -> [EncodedLayer] {
    let integers = integerCoefficients()
    let atoms = configuration.basis
    var result: [EncodedLayer] = []
    for layer in layers {
      guard let input = inputs[layer.shape.name] else {
        throw .mismatch("no input range for layer \(layer.shape.name)")
      }
      var starts: [Int32] = [0]
      var used: [UInt16] = []
      var values: [Int8] = []
      for row in layer.offset..<layer.offset + layer.sliceCount {
        for atom in 0..<atoms where integers[row * atoms + atom] != 0 {
          used.append(UInt16(atom))
          values.append(Int8(clamping: integers[row * atoms + atom]))
        }
        starts.append(Int32(used.count))
      }
      result.append(
        try EncodedLayer(
          shape: layer.shape, slicing: layer.slicing, starts: starts, atoms: used, values: values,
          scales: steps[layer.offset..<layer.offset + layer.sliceCount].map { $0 * basisStep }, input: input,
          basis: atoms))
    }
    return result
  }

  /// `α·round(c/α)` inside the mask.
  func roundedCoefficients() -> Tensor {
    let integers = integerCoefficients()
    let atoms = configuration.basis
    var result = Tensor(zeros: coefficients.shape)
    result.withUnsafeMutableBufferPointer { target in
      for (row, step) in steps.enumerated() {
        for index in row * atoms..<(row + 1) * atoms { target[index] = step * Float(integers[index]) }
      }
    }
    return result
  }

  /// `round(c/α)` inside the mask, row-major `[slices, B]`.
  func integerCoefficients() -> [Int] {
    let quantizer = configuration.quantizer
    let atoms = configuration.basis
    var result = [Int](repeating: 0, count: coefficients.count)
    coefficients.withUnsafeBufferPointer { values in
      mask.withUnsafeBufferPointer { mask in
        for (row, step) in steps.enumerated() {
          for index in row * atoms..<(row + 1) * atoms where mask[index] != 0 {
            result[index] = quantizer.round(values[index] / step)
          }
        }
      }
    }
    return result
  }

  /// `step·round(β/step)`, clipped to the cells' range.
  func roundedBasis() -> Tensor {
    let (step, limit) = (basisStep, Float(configuration.maximumLevel))
    return basis.map { step * max(-limit, min(limit, ($0 / step).rounded(.toNearestOrEven))) }
  }

  /// The level size with the smallest squared rounding error among fractions of `max|β| / maximumLevel`.
  static func basisStep(_ basis: Tensor, maximumLevel: Int) -> Float {
    let values = basis.scalars
    let largest = values.reduce(Float(0)) { max($0, abs($1)) }
    guard largest > 0 else { return 1 }
    let limit = Float(maximumLevel)
    var best = (error: Double.infinity, step: Float(1))
    for candidate in 0...12 {
      let step = largest * (0.4 + 0.05 * Float(candidate)) / limit
      let error = values.reduce(0.0) { sum, value in
        let rounded = step * max(-limit, min(limit, (value / step).rounded(.toNearestOrEven)))
        return sum + Double(value - rounded) * Double(value - rounded)
      }
      if error < best.error { best = (error, step) }
    }
    return best.step
  }

  private static func steps(
    _ codes: SparseCodes, layers: [SliceBank.Layer], configuration: EncodingConfiguration, basisStep: Float
  ) -> [Float] {
    let quantizer = configuration.quantizer
    func values(_ rows: some Sequence<Int>) -> [Float] { rows.flatMap { codes.terms(of: $0).map(\.value) } }
    var result = [Float](repeating: 1, count: codes.count)
    for layer in layers {
      for kernel in 0..<layer.shape.outputs {
        let rows = layer.row(kernel: kernel, slice: 0)..<layer.row(kernel: kernel, slice: 0) + layer.slicing.count
        switch configuration.scale {
        case .perSlice:
          for row in rows { result[row] = quantizer.step(for: values(CollectionOfOne(row))) }
        case .perKernel:
          let step = quantizer.step(for: values(rows))
          for row in rows { result[row] = step }
        case .powerOfTwo:
          for row in rows {
            let product = quantizer.step(for: values(CollectionOfOne(row))) * basisStep
            let exponent = Int(product.exponent) + (product.significand >= Float(2).squareRoot() ? 1 : 0)
            result[row] = Float(sign: .plus, exponent: exponent, significand: 1) / basisStep
          }
        }
      }
    }
    return result
  }
}
