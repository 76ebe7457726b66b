import TinyTensor

/// A low-rank map `y = (x B) C`: two thin matrices instead of one. Several maps may share the same basis.
public struct FactoredLinear: PlannedOperator {
  /// x ↦ x B, with the weights Bᵀ `[rank, inputs]`.
  public let basis: DenseLinear
  /// z ↦ z C, with the weights Cᵀ `[outputs, rank]`.
  public let coefficients: DenseLinear

  /// The map with the given factors, for instance a basis that other layers use as well.
  public init(basis: DenseLinear, coefficients: DenseLinear) {
    precondition(
      basis.outputWidth == coefficients.inputWidth,
      "a basis of rank \(basis.outputWidth) does not fit coefficients of rank \(coefficients.inputWidth)")
    self.basis = basis
    self.coefficients = coefficients
  }

  /// The map with float factors: `basis` is B `[inputs, rank]`, `coefficients` is C `[rank, outputs]`.
  public init(basis: Tensor, coefficients: Tensor, identifier: String) {
    self.init(
      basis: DenseLinear(basis.transposed, identifier: identifier + ".basis"),
      coefficients: DenseLinear(coefficients.transposed, identifier: identifier + ".coefficients"))
  }

  /// The length of z.
  public var rank: Int { basis.outputWidth }
  /// The number of inputs.
  public var inputWidth: Int { basis.inputWidth }
  /// The number of outputs.
  public var outputWidth: Int { coefficients.outputWidth }
  /// The names of both factors.
  public var identifier: String { "\(basis.identifier)*\(coefficients.identifier)" }
  /// The product of the factors, `[outputs, inputs]`.
  public var weight: Tensor { matmul(coefficients.weight, basis.weight) }
  var plan: LinearPlan { .factored(basis: basis.matrix, coefficients: coefficients.matrix) }
}
