import TinyTensor

/// What one layer's own inputs say about coefficients for a basis: the normal equations of min ‖X W − X B C‖².
///
/// With N = BᵀGB and T = BᵀGW the loss of any C is `‖XW‖² − 2⟨T, C⟩ + ⟨C, N C⟩`, and C = N⁻¹T minimises it.
struct LayerFit {
  /// N, `[rank, rank]`.
  let normal: DoubleMatrix
  /// T, `[rank, outputs]`.
  let target: DoubleMatrix
  /// ‖XW‖².
  let total: Double

  /// - Parameters:
  ///   - basis: B `[inputs, rank]`.
  ///   - gram: G `[inputs, inputs]`.
  ///   - image: G W `[inputs, outputs]`.
  ///   - total: tr(WᵀGW).
  init(basis: DoubleMatrix, gram: DoubleMatrix, image: DoubleMatrix, total: Double) {
    normal = DoubleProduct.multiply(
      basis, DoubleProduct.multiply(gram, basis), transposeA: true, isSymmetric: true)
    target = DoubleProduct.multiply(basis, image, transposeA: true)
    self.total = total
  }

  private init(normal: DoubleMatrix, target: DoubleMatrix, total: Double) {
    self.normal = normal
    self.target = target
    self.total = total
  }

  /// The same for the first `rank` basis vectors.
  func truncated(to rank: Int) -> LayerFit {
    var corner = DoubleMatrix(zeros: rank, rank)
    for row in 0..<rank {
      corner.values.replaceSubrange(
        row * rank..<(row + 1) * rank, with: normal.values[row * normal.columns..<row * normal.columns + rank])
    }
    let columns = target.columns
    return LayerFit(
      normal: corner, target: DoubleMatrix(rows: rank, columns: columns, Array(target.values.prefix(rank * columns))),
      total: total)
  }

  /// The loss of coefficients C `[rank, outputs]`.
  func loss(_ coefficients: DoubleMatrix) -> Double {
    let product = DoubleProduct.multiply(normal, coefficients)
    var sum = total
    for index in coefficients.values.indices {
      sum += coefficients.values[index] * (product.values[index] - 2 * target.values[index])
    }
    return max(0, sum)
  }

  /// The best coefficients, `[rank, outputs]`.
  func solution() throws(LinearAlgebraError) -> DoubleMatrix {
    try RidgedSolver.solve(normal, target)
  }
}
