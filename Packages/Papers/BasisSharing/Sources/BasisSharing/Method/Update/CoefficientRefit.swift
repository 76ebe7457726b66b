import TinyTensor

/// Least squares for the coefficients with the basis kept (section "weight update", and two refinements of it).
public enum CoefficientRefit {
  /// The ridge relative to the mean of the diagonal; keeps the system solvable when inputs excite fewer directions than k.
  static let ridge = 1e-8

  /// C = (Bᵀ G B)⁻¹ Bᵀ T, which minimises ‖X W − X′ B C‖ for G = X′ᵀX′ and T = X′ᵀX W.
  ///
  /// - Parameters:
  ///   - basis: B `[inputs, rank]`.
  ///   - gram: G `[inputs, inputs]` of the inputs that the factors will read.
  ///   - target: T `[inputs, outputs]`; `G W` refits against the same inputs.
  /// - Returns: C `[rank, outputs]`.
  /// - Throws: `LinearAlgebraError`.
  public static func coefficients(
    basis: Tensor, gram: DoubleMatrix, target: DoubleMatrix
  ) throws(LinearAlgebraError) -> Tensor {
    try LayerFit(basis: DoubleMatrix(basis), gram: gram, image: target, total: 0).solution().tensor
  }

  /// Refits every layer of a group to its own inputs: can only lower the loss that reaches the output.
  ///
  /// - Parameters:
  ///   - factors: The factors; their coefficients change.
  ///   - weights: W(i) in the order of the group.
  ///   - grams: G(i) of each layer's own inputs.
  /// - Throws: `LinearAlgebraError`.
  public static func own(
    _ factors: inout SharedFactors, weights: [DoubleMatrix], grams: [DoubleMatrix]
  ) throws(LinearAlgebraError) {
    for index in weights.indices {
      factors.coefficients[index] = try coefficients(
        basis: factors.basis, gram: grams[index], target: DoubleProduct.multiply(grams[index], weights[index]))
    }
  }

  /// The matrix with the relative ridge on its diagonal.
  static func ridged(_ normal: DoubleMatrix) -> DoubleMatrix {
    var result = normal
    let trace = (0..<normal.rows).reduce(0.0) { $0 + normal[$1, $1] }
    let shift = max(ridge * trace / Double(max(1, normal.rows)), .leastNormalMagnitude)
    for index in 0..<normal.rows { result[index, index] += shift }
    return result
  }
}
