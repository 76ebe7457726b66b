import CLAPACKE

/// Dense factorisations through LAPACK, in double precision.
///
/// The `Tensor` variants (see `LinearAlgebra+Tensor.swift`) compute in `Double` as well and round the result.
public enum LinearAlgebra {
  /// The thin singular value decomposition `a = u · diag(s) · vt`, singular values descending.
  ///
  /// With `r = min(rows, columns)`: `u` is `rows × r`, `s` has `r` values, `vt` is `r × columns`.
  public static func svd(
    _ a: DoubleMatrix
  ) throws(LinearAlgebraError) -> (u: DoubleMatrix, s: [Double], vt: DoubleMatrix) {
    try requireFinite(a, "svd")
    let rank = min(a.rows, a.columns)
    var u = DoubleMatrix(zeros: a.rows, rank)
    var s = [Double](repeating: 0, count: rank)
    var vt = DoubleMatrix(zeros: rank, a.columns)
    guard rank > 0 else { return (u, s, vt) }
    var work = a.values
    let info = LargeStack.run {
      LAPACKE_dgesdd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(a.rows), Int32(a.columns), &work,
        Int32(a.columns), &s, &u.values, Int32(rank), &vt.values, Int32(a.columns))
    }
    if info != 0 { throw .noConvergence(routine: "svd", info: Int(info)) }
    return (u, s, vt)
  }

  /// Eigenvalues (ascending) and orthonormal eigenvectors (the columns of `vectors`) of a symmetric matrix; only the upper
  /// triangle is read.
  public static func symmetricEigen(
    _ a: DoubleMatrix
  ) throws(LinearAlgebraError) -> (values: [Double], vectors: DoubleMatrix) {
    precondition(a.rows == a.columns, "symmetricEigen needs a square matrix, got \(a.rows)×\(a.columns)")
    try requireFinite(a, "symmetricEigen")
    var vectors = a
    var values = [Double](repeating: 0, count: a.rows)
    guard a.rows > 0 else { return (values, vectors) }
    let info = LargeStack.run {
      LAPACKE_dsyevd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(a.rows), &vectors.values,
        Int32(a.rows), &values)
    }
    if info != 0 { throw .noConvergence(routine: "symmetricEigen", info: Int(info)) }
    return (values, vectors)
  }

  /// The eigenvalues (ascending) of a symmetric matrix, in a third of the time of ``symmetricEigen(_:)``; only the upper triangle
  /// is read.
  public static func symmetricEigenvalues(_ a: DoubleMatrix) throws(LinearAlgebraError) -> [Double] {
    precondition(a.rows == a.columns, "symmetricEigenvalues needs a square matrix, got \(a.rows)×\(a.columns)")
    try requireFinite(a, "symmetricEigenvalues")
    var work = a.values
    var values = [Double](repeating: 0, count: a.rows)
    guard a.rows > 0 else { return values }
    let info = LargeStack.run {
      LAPACKE_dsyevd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "U")), Int32(a.rows), &work, Int32(a.rows),
        &values)
    }
    if info != 0 { throw .noConvergence(routine: "symmetricEigenvalues", info: Int(info)) }
    return values
  }

  /// The lower triangular factor `l` with `a = l · lᵀ` of a symmetric positive definite matrix.
  public static func cholesky(_ a: DoubleMatrix) throws(LinearAlgebraError) -> DoubleMatrix {
    precondition(a.rows == a.columns, "cholesky needs a square matrix, got \(a.rows)×\(a.columns)")
    try requireFinite(a, "cholesky")
    var factor = a
    guard a.rows > 0 else { return factor }
    let info = LargeStack.run {
      LAPACKE_dpotrf(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(a.rows), &factor.values, Int32(a.rows))
    }
    if info != 0 { throw .notPositiveDefinite(order: Int(info)) }
    for row in 0..<a.rows {
      for column in row + 1..<max(row + 1, a.columns) { factor[row, column] = 0 }
    }
    return factor
  }

  /// The thin factorisation `a = q · r`: with `k = min(rows, columns)`, `q` is `rows × k` with orthonormal columns, `r` is upper
  /// triangular, `k × columns`.
  public static func qr(_ a: DoubleMatrix) throws(LinearAlgebraError) -> (q: DoubleMatrix, r: DoubleMatrix) {
    try requireFinite(a, "qr")
    let rank = min(a.rows, a.columns)
    var q = DoubleMatrix(zeros: a.rows, rank)
    var r = DoubleMatrix(zeros: rank, a.columns)
    guard rank > 0 else { return (q, r) }
    var work = a.values
    var tau = [Double](repeating: 0, count: rank)
    var info = LargeStack.run {
      LAPACKE_dgeqrf(
        LAPACK_ROW_MAJOR, Int32(a.rows), Int32(a.columns), &work, Int32(a.columns), &tau)
    }
    for row in 0..<rank {
      for column in row..<a.columns { r[row, column] = work[row * a.columns + column] }
    }
    for row in 0..<a.rows {
      for column in 0..<rank { q[row, column] = work[row * a.columns + column] }
    }
    if info == 0 {
      info = LargeStack.run {
        LAPACKE_dorgqr(
          LAPACK_ROW_MAJOR, Int32(a.rows), Int32(rank), Int32(rank), &q.values, Int32(rank), &tau)
      }
    }
    if info != 0 { throw .noConvergence(routine: "qr", info: Int(info)) }
    return (q, r)
  }

  /// The solution `x` of `a · x = b` for a square `a`; `b` may have several columns.
  public static func solve(_ a: DoubleMatrix, _ b: DoubleMatrix) throws(LinearAlgebraError) -> DoubleMatrix {
    precondition(a.rows == a.columns && a.rows == b.rows, "solve needs a square matrix and as many rows on the right")
    try requireFinite(a, "solve")
    try requireFinite(b, "solve")
    var x = b
    guard a.rows > 0 && b.columns > 0 else { return x }
    var factor = a.values
    var pivots = [Int32](repeating: 0, count: a.rows)
    let info = LargeStack.run {
      LAPACKE_dgesv(
        LAPACK_ROW_MAJOR, Int32(a.rows), Int32(b.columns), &factor, Int32(a.rows), &pivots, &x.values,
        Int32(b.columns))
    }
    if info != 0 { throw .singular(routine: "solve", pivot: Int(info)) }
    return x
  }

  /// The solution `x` of `a · x = b` for a symmetric positive definite `a`, by Cholesky's factorisation; `b` may have several
  /// columns. Only the lower triangle of `a` is read.
  public static func solve(positiveDefinite a: DoubleMatrix, _ b: DoubleMatrix) throws(LinearAlgebraError)
    -> DoubleMatrix
  {
    precondition(a.rows == a.columns && a.rows == b.rows, "solve needs a square matrix and as many rows on the right")
    try requireFinite(a, "solve")
    try requireFinite(b, "solve")
    var x = b
    guard a.rows > 0 && b.columns > 0 else { return x }
    var factor = a.values
    let info = LargeStack.run {
      LAPACKE_dposv(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(a.rows), Int32(b.columns), &factor, Int32(a.rows), &x.values,
        Int32(b.columns))
    }
    if info != 0 { throw .notPositiveDefinite(order: Int(info)) }
    return x
  }

  private static func requireFinite(_ a: DoubleMatrix, _ routine: String) throws(LinearAlgebraError) {
    if !a.values.allSatisfy(\.isFinite) { throw .notFinite(routine: routine) }
  }
}
