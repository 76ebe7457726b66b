import TinyTensor

/// Truncated SVD of whitened weights (section 3 of the paper, equations 3–6) without forming S⁻¹.
///
/// With S W = U Σ Vᵀ the paper's basis S⁻¹ U Σ equals W V. So C = V_kᵀ and B = W V_k, and only the eigenvectors of `Wᵀ G W` or, where that
/// is smaller, of `S W Wᵀ Sᵀ` are needed. That also holds for a singular G.
public enum BasisFactorizer {
  /// The spectrum of a group and its factors at a rank.
  ///
  /// - Parameters:
  ///   - weights: W(i) `[inputs, outputs]` of the group's layers.
  ///   - gram: G `[inputs, inputs]` of their pooled inputs.
  ///   - rank: k; larger ranks than the matrix has are cut.
  /// - Throws: ``BasisSharingError/invalidGram(_:)``, or `LinearAlgebraError` without convergence.
  public static func factor(
    weights: [DoubleMatrix], gram: DoubleMatrix, rank: Int
  ) throws -> (factors: SharedFactors, spectrum: GroupSpectrum) {
    let (directions, spectrum) = try rightVectors(weights: weights, gram: gram, rank: rank)
    let joined = concatenated(weights)
    let basis = DoubleProduct.multiply(joined, directions, transposeB: true)
    return (SharedFactors(basis: basis.tensor, coefficients: split(directions, like: weights)), spectrum)
  }

  /// The spectrum of a group alone, in about half the time of its factors.
  ///
  /// - Throws: ``BasisSharingError/invalidGram(_:)``, or `LinearAlgebraError` without convergence.
  public static func spectrum(weights: [DoubleMatrix], gram: DoubleMatrix) throws -> GroupSpectrum {
    let joined = concatenated(weights)
    try check(gram, inputs: joined.rows)
    return spectrum(try LinearAlgebra.symmetricEigenvalues(smallSide(joined, gram).matrix))
  }

  /// The smaller of `Wᵀ G W` and, with the square root S of G, `S W Wᵀ Sᵀ`, and S W where that was needed.
  private static func smallSide(
    _ joined: DoubleMatrix, _ gram: DoubleMatrix
  ) throws -> (matrix: DoubleMatrix, whitened: DoubleMatrix?) {
    if joined.columns <= joined.rows {
      let image = DoubleProduct.multiply(gram, joined)
      return (DoubleProduct.multiply(joined, image, transposeA: true, isSymmetric: true), nil)
    }
    let whitened = DoubleProduct.multiply(try squareRoot(gram), joined)
    return (DoubleProduct.multiply(whitened, whitened, transposeB: true, isSymmetric: true), whitened)
  }

  /// The rows V_kᵀ `[rank, Σ outputs]` and the spectrum.
  package static func rightVectors(
    weights: [DoubleMatrix], gram: DoubleMatrix, rank: Int
  ) throws -> (directions: DoubleMatrix, spectrum: GroupSpectrum) {
    let joined = concatenated(weights)
    try check(gram, inputs: joined.rows)
    let rank = min(rank, min(joined.rows, joined.columns))
    let (matrix, whitened) = try smallSide(joined, gram)
    let eigen = try LinearAlgebra.symmetricEigen(matrix)
    guard let whitened else { return (leading(eigen.vectors, rank: rank), spectrum(eigen.values)) }
    var directions = DoubleProduct.multiply(leading(eigen.vectors, rank: rank), whitened)
    let largest = max(eigen.values.last ?? 0, 0)
    for row in 0..<rank {
      let value = eigen.values[eigen.values.count - 1 - row]
      // Directions that the inputs never excite have no length to divide by; they carry no loss either.
      let scale = value > largest * 1e-14 ? 1 / value.squareRoot() : 0
      for column in 0..<directions.columns { directions.values[row * directions.columns + column] *= scale }
    }
    fixSigns(&directions)
    return (directions, spectrum(eigen.values))
  }

  /// The paper's own form: S by Cholesky, an SVD of S W, B = S⁻¹ U Σ. Kept to show that both agree.
  ///
  /// - Throws: `LinearAlgebraError` for a singular Gram.
  public static func choleskyForm(
    weights: [DoubleMatrix], gram: DoubleMatrix, rank: Int
  ) throws -> (basis: DoubleMatrix, coefficients: DoubleMatrix) {
    let upper = try LinearAlgebra.cholesky(gram).transposed
    let (u, s, vt) = try LinearAlgebra.svd(DoubleProduct.multiply(upper, concatenated(weights)))
    var scaled = DoubleMatrix(zeros: u.rows, rank)
    for row in 0..<u.rows {
      for column in 0..<rank { scaled[row, column] = u[row, column] * s[column] }
    }
    return (
      try LinearAlgebra.solve(upper, scaled),
      DoubleMatrix(rows: rank, columns: vt.columns, Array(vt.values.prefix(rank * vt.columns)))
    )
  }

  /// S with SᵀS = G: the transpose of the Cholesky factor, or the symmetric root where G is singular.
  static func squareRoot(_ gram: DoubleMatrix) throws -> DoubleMatrix {
    do {
      return try LinearAlgebra.cholesky(gram).transposed
    } catch LinearAlgebraError.notPositiveDefinite {
      let (values, vectors) = try LinearAlgebra.symmetricEigen(gram)
      var scaled = vectors
      for row in 0..<scaled.rows {
        for column in 0..<scaled.columns { scaled[row, column] *= max(values[column], 0).squareRoot() }
      }
      return DoubleProduct.multiply(scaled, vectors, transposeB: true, isSymmetric: true)
    }
  }

  /// W = [W(1) … W(n)].
  static func concatenated(_ weights: [DoubleMatrix]) -> DoubleMatrix {
    if weights.count == 1 { return weights[0] }
    let rows = weights[0].rows
    precondition(weights.allSatisfy { $0.rows == rows }, "matrices of a group must have the same number of inputs")
    var values: [Double] = []
    values.reserveCapacity(weights.reduce(0) { $0 + $1.values.count })
    for row in 0..<rows {
      for weight in weights { values += weight.values[row * weight.columns..<(row + 1) * weight.columns] }
    }
    return DoubleMatrix(rows: rows, columns: weights.reduce(0) { $0 + $1.columns }, values)
  }

  private static func split(_ directions: DoubleMatrix, like weights: [DoubleMatrix]) -> [Tensor] {
    var start = 0
    return weights.map { weight in
      defer { start += weight.columns }
      var part = DoubleMatrix(zeros: directions.rows, weight.columns)
      for row in 0..<directions.rows {
        let first = row * directions.columns + start
        part.values.replaceSubrange(
          row * weight.columns..<(row + 1) * weight.columns, with: directions.values[first..<first + weight.columns])
      }
      return part.tensor
    }
  }

  private static func check(_ gram: DoubleMatrix, inputs: Int) throws(BasisSharingError) {
    guard gram.rows == inputs, gram.columns == inputs else {
      throw .invalidGram("it is \(gram.rows) × \(gram.columns), the weights have \(inputs) inputs")
    }
    guard gram.values.allSatisfy(\.isFinite) else { throw .invalidGram("it has values that are not finite") }
    let scale = (0..<inputs).reduce(0.0) { max($0, abs(gram[$1, $1])) }
    for row in 0..<inputs {
      for column in 0..<row where abs(gram[row, column] - gram[column, row]) > 1e-6 * scale {
        throw .invalidGram("it is not symmetric in row \(row), column \(column)")
      }
    }
  }

  /// The last `rank` columns, last first, as rows.
  private static func leading(_ vectors: DoubleMatrix, rank: Int) -> DoubleMatrix {
    var result = DoubleMatrix(zeros: rank, vectors.rows)
    for row in 0..<rank {
      for column in 0..<vectors.rows { result[row, column] = vectors[column, vectors.columns - 1 - row] }
    }
    fixSigns(&result)
    return result
  }

  /// Makes the entry of largest magnitude of every row positive: singular vectors are unique up to their sign only.
  private static func fixSigns(_ rows: inout DoubleMatrix) {
    for row in 0..<rows.rows {
      let range = row * rows.columns..<(row + 1) * rows.columns
      let largest = rows.values[range].max { abs($0) < abs($1) } ?? 0
      if largest < 0 { for index in range { rows.values[index] = -rows.values[index] } }
    }
  }

  private static func spectrum(_ ascending: [Double]) -> GroupSpectrum {
    GroupSpectrum(sigmaSquared: ascending.reversed().map { max($0, 0) })
  }
}
