extension LinearAlgebra {
  /// The thin singular value decomposition of a matrix `[rows, columns]`: `u` `[rows, r]`, `s` `[r]` descending, `vt`
  /// `[r, columns]` with `r = min(rows, columns)`.
  public static func svd(_ a: Tensor) throws(LinearAlgebraError) -> (u: Tensor, s: Tensor, vt: Tensor) {
    let (u, s, vt) = try svd(DoubleMatrix(a))
    return (u.tensor, Tensor(shape: [s.count], s.map(Float.init)), vt.tensor)
  }

  /// Eigenvalues `[n]` (ascending) and eigenvectors (columns of `[n, n]`) of a symmetric matrix.
  public static func symmetricEigen(_ a: Tensor) throws(LinearAlgebraError) -> (values: Tensor, vectors: Tensor) {
    let (values, vectors) = try symmetricEigen(DoubleMatrix(a))
    return (Tensor(shape: [values.count], values.map(Float.init)), vectors.tensor)
  }

  /// The lower triangular Cholesky factor of a symmetric positive definite matrix.
  public static func cholesky(_ a: Tensor) throws(LinearAlgebraError) -> Tensor { try cholesky(DoubleMatrix(a)).tensor }

  /// The thin factorisation `a = q · r`.
  public static func qr(_ a: Tensor) throws(LinearAlgebraError) -> (q: Tensor, r: Tensor) {
    let (q, r) = try qr(DoubleMatrix(a))
    return (q.tensor, r.tensor)
  }

  /// The solution `[n, columns]` of `a · x = b`.
  public static func solve(_ a: Tensor, _ b: Tensor) throws(LinearAlgebraError) -> Tensor {
    try solve(DoubleMatrix(a), DoubleMatrix(b)).tensor
  }
}
