import TinyTensor

/// W(i) ≈ B C(i): a basis that several layers share and coefficients of their own.
///
/// Basis vectors are ordered by their singular values, so any prefix of them is the best model of that rank.
public struct SharedFactors: Sendable {
  /// B `[inputs, rank]`.
  public var basis: Tensor
  /// C(i) `[rank, outputs]` by position in the group.
  public var coefficients: [Tensor]

  /// Creates factors.
  public init(basis: Tensor, coefficients: [Tensor]) {
    precondition(
      coefficients.allSatisfy { $0.shape[0] == basis.shape[1] }, "coefficients do not fit a basis \(basis.shape)")
    self.basis = basis
    self.coefficients = coefficients
  }

  /// k.
  public var rank: Int { basis.shape[1] }

  /// The factors of the first `rank` basis vectors.
  public func truncated(to rank: Int) -> SharedFactors {
    precondition(rank > 0 && rank <= self.rank, "rank \(rank) of factors of rank \(self.rank)")
    if rank == self.rank { return self }
    return SharedFactors(
      basis: basis.transposed.slice(0..<rank).transposed, coefficients: coefficients.map { $0.slice(0..<rank) })
  }

  /// B C(i), `[inputs, outputs]`.
  public func product(_ index: Int) -> Tensor { matmul(basis, coefficients[index]) }
}
