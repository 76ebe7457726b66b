/// Why a factorisation failed; the shapes were fine, the numbers were not.
public enum LinearAlgebraError: Error, Sendable, Equatable, CustomStringConvertible {
  /// LAPACK's iteration did not converge.
  case noConvergence(routine: String, info: Int)
  /// The matrix is singular to working precision.
  case singular(routine: String, pivot: Int)
  /// The matrix is not positive definite.
  case notPositiveDefinite(order: Int)
  /// The matrix holds a NaN or an infinity.
  case notFinite(routine: String)

  /// One line: what failed and what to try.
  public var description: String {
    switch self {
    case .noConvergence(let routine, let info):
      "\(routine) did not converge (info \(info)); scale the matrix or look for extreme values"
    case .singular(let routine, let pivot):
      "\(routine): the matrix is singular (pivot \(pivot) is zero); add a small multiple of the identity"
    case .notPositiveDefinite(let order):
      "cholesky: the leading minor of order \(order) is not positive; add a small multiple of the identity"
    case .notFinite(let routine): "\(routine): the matrix holds NaN or infinity; check what produced it"
    }
  }
}
