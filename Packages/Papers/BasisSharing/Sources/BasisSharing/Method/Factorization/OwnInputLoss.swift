import TinyTensor

/// What reaches the output: `‖X(i) (W(i) − B C(i))‖²` of one layer on its own inputs.
public enum OwnInputLoss {
  /// trace((W − B C)ᵀ G (W − B C)).
  public static func value(weight: DoubleMatrix, basis: Tensor, coefficients: Tensor, gram: DoubleMatrix) -> Double {
    var error = weight
    let product = DoubleMatrix(matmul(basis, coefficients))
    for index in error.values.indices { error.values[index] -= product.values[index] }
    let image = DoubleProduct.multiply(gram, error)
    return max(0, zip(error.values, image.values).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// trace(Wᵀ G W), the loss of leaving the matrix out.
  public static func total(weight: DoubleMatrix, gram: DoubleMatrix) -> Double {
    zip(weight.values, DoubleProduct.multiply(gram, weight).values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
