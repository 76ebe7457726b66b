import TinyTensor

/// Which basis vectors every kernel slice combines, and with which real coefficients.
public struct SparseCodes: Sendable {
  /// Kernel slices.
  public let count: Int
  /// Basis vectors (B).
  public let atoms: Int
  /// Largest number of vectors per slice (K): the stride of the arrays below.
  public let sparsity: Int
  /// Vectors in use, slice by slice.
  public internal(set) var used: [Int]
  /// Indices of the vectors, `sparsity` places per slice.
  public internal(set) var indices: [Int32]
  /// Their coefficients, `sparsity` places per slice.
  public internal(set) var values: [Float]

  init(count: Int, atoms: Int, sparsity: Int) {
    self.count = count
    self.atoms = atoms
    self.sparsity = sparsity
    used = [Int](repeating: 0, count: count)
    indices = [Int32](repeating: 0, count: count * sparsity)
    values = [Float](repeating: 0, count: count * sparsity)
  }

  /// The vectors of one slice with their coefficients.
  public func terms(of slice: Int) -> [(atom: Int, value: Float)] {
    (0..<used[slice]).map { (Int(indices[slice * sparsity + $0]), values[slice * sparsity + $0]) }
  }

  /// As a dense matrix `[slices, atoms]`.
  public var dense: Tensor {
    var result = Tensor(zeros: [count, atoms])
    result.withUnsafeMutableBufferPointer { target in
      for slice in 0..<count {
        for (atom, value) in terms(of: slice) { target[slice * atoms + atom] = value }
      }
    }
    return result
  }

  /// How many slices use each vector.
  public var usage: [Int] {
    var result = [Int](repeating: 0, count: atoms)
    for slice in 0..<count {
      for place in 0..<used[slice] { result[Int(indices[slice * sparsity + place])] += 1 }
    }
    return result
  }
}
