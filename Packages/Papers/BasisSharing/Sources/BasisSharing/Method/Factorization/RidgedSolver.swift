import TinyTensor

/// Normal equations of least squares, where inputs may excite fewer directions than there are unknowns.
enum RidgedSolver {
  /// The ridge relative to the diagonal.
  static let ridge = 1e-8

  /// Solves N x = b for a symmetric positive semidefinite N; `b` may have several columns.
  ///
  /// N is scaled to a unit diagonal first, so that the ridge bends no direction more than another, however different their scales. Grams
  /// are sums of float products and may have slightly negative eigenvalues where they should have zeros: the ridge then grows by the
  /// smallest of them.
  static func solve(_ n: DoubleMatrix, _ b: DoubleMatrix) throws(LinearAlgebraError) -> DoubleMatrix {
    let size = n.rows
    let scale = (0..<size).map { n[$0, $0] > 0 ? 1 / n[$0, $0].squareRoot() : 0 }
    var scaled = n
    for row in 0..<size {
      for column in 0..<size { scaled[row, column] *= scale[row] * scale[column] }
      scaled[row, row] = 1 + ridge
    }
    let right = scaledRows(b, by: scale)
    do {
      return scaledRows(try LinearAlgebra.solve(positiveDefinite: scaled, right), by: scale)
    } catch LinearAlgebraError.notPositiveDefinite {
      let least = try LinearAlgebra.symmetricEigenvalues(scaled).first ?? 0
      for row in 0..<size { scaled[row, row] += 2 * abs(least) + ridge }
      return scaledRows(try LinearAlgebra.solve(positiveDefinite: scaled, right), by: scale)
    }
  }

  private static func scaledRows(_ a: DoubleMatrix, by scale: [Double]) -> DoubleMatrix {
    var result = a
    for row in 0..<a.rows {
      for index in row * a.columns..<(row + 1) * a.columns { result.values[index] *= scale[row] }
    }
    return result
  }
}
