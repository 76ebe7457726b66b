/// One layer as integers: for every kernel slice the basis vectors it combines, their coefficients and one factor.
public struct EncodedLayer: Sendable, Hashable {
  /// Shape of the layer.
  public let shape: LayerShape
  /// Where its kernels are cut.
  public let slicing: Slicing
  /// First entry of every kernel slice in ``atoms``; one more at the end. Kernel `o`, slice `s` is number `o · slices + s`.
  public let starts: [Int32]
  /// Basis vectors, ascending within a slice.
  public let atoms: [UInt16]
  /// Their coefficients, never 0.
  public let values: [Int8]
  /// Factor of every kernel slice: weight per coefficient per cell level (α).
  public let scales: [Float]
  /// How inputs become integers.
  public var input: InputQuantizer

  /// Creates a layer.
  /// - Throws: ``BasisNError/mismatch(_:)`` when the arrays do not describe the layer, or name a vector beyond `basis`.
  public init(
    shape: LayerShape, slicing: Slicing, starts: [Int32], atoms: [UInt16], values: [Int8], scales: [Float],
    input: InputQuantizer, basis: Int
  ) throws(BasisNError) {
    let slices = shape.outputs * slicing.count
    guard slicing.reduction == shape.reduction else {
      throw .mismatch("layer \(shape.name): slices of \(slicing.reduction) weights for kernels of \(shape.reduction)")
    }
    guard starts.count == slices + 1, scales.count == slices, starts[0] == 0, atoms.count == values.count,
      Int(starts[slices]) == atoms.count, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .mismatch(
        "layer \(shape.name): \(starts.count) starts, \(scales.count) scales and \(atoms.count) entries for \(slices) slices"
      )
    }
    if let atom = atoms.first(where: { Int($0) >= basis }) {
      throw .mismatch("layer \(shape.name): basis vector \(atom), but there are only \(basis)")
    }
    guard scales.allSatisfy(\.isFinite) else { throw .mismatch("layer \(shape.name): a scale is NaN or infinite") }
    self.shape = shape
    self.slicing = slicing
    self.starts = starts
    self.atoms = atoms
    self.values = values
    self.scales = scales
    self.input = input
  }

  /// Number of a kernel slice.
  public func slice(kernel: Int, position: Int) -> Int { kernel * slicing.count + position }

  /// Basis vectors and coefficients of one kernel slice.
  public func terms(_ slice: Int) -> [(atom: Int, value: Int)] {
    (Int(starts[slice])..<Int(starts[slice + 1])).map { (Int(atoms[$0]), Int(values[$0])) }
  }

  /// Integer kernel slice `Σ q·β`, `slicing.length` entries.
  public func integerKernel(_ slice: Int, basis: BasisSet) -> [Int32] {
    var result = [Int32](repeating: 0, count: slicing.length)
    for (atom, value) in terms(slice) {
      let start = atom * basis.length
      for row in 0..<slicing.length { result[row] += Int32(value) * Int32(basis.levels[start + row]) }
    }
    return result
  }

  /// The float kernels that the integers stand for, flattened `[outputs × reduction]`.
  public func kernels(basis: BasisSet) -> [Float] {
    var result = [Float](repeating: 0, count: shape.weights)
    for kernel in 0..<shape.outputs {
      for position in 0..<slicing.count {
        let number = slice(kernel: kernel, position: position)
        let integers = integerKernel(number, basis: basis)
        for (row, weight) in slicing.range(position).enumerated() {
          result[kernel * shape.reduction + weight] = scales[number] * Float(integers[row])
        }
      }
    }
    return result
  }

  /// The same layer with other coefficients on the same vectors, entry by entry; zeros are dropped.
  func replacing(values newValues: [Int], scales newScales: [Float], basis: Int) throws(BasisNError) -> EncodedLayer {
    var starts: [Int32] = [0]
    var atoms: [UInt16] = []
    var values: [Int8] = []
    for slice in 0..<scales.count {
      for entry in Int(self.starts[slice])..<Int(self.starts[slice + 1]) where newValues[entry] != 0 {
        atoms.append(self.atoms[entry])
        values.append(Int8(clamping: newValues[entry]))
      }
      starts.append(Int32(atoms.count))
    }
    return try EncodedLayer(
      shape: shape, slicing: slicing, starts: starts, atoms: atoms, values: values, scales: newScales, input: input,
      basis: basis)
  }

  /// Set bits of all coefficients: what the analog combiner converts.
  public var setBits: Int { values.reduce(0) { $0 + abs(Int($1)).nonzeroBitCount } }
}
