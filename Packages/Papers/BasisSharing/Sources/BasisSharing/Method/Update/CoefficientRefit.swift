import TinyTensor

/// Least squares for the coefficients with the basis kept (section "weight update", and two refinements of it).
public enum CoefficientRefit {
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
}
