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
    normal = DoubleProduct.multiply(basis, DoubleProduct.multiply(gram, basis), transposeA: true)
    target = DoubleProduct.multiply(basis, image, transposeA: true)
    self.total = total
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
