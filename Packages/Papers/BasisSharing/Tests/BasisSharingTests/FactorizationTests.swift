import BasisSharing
import Testing
import TinyTensor

@Suite struct FactorizationTests {
  /// Shapes on both sides of n · d2 = d1.
  static let cases = [(inputs: 12, outputs: 4, layers: 2), (6, 10, 1), (8, 5, 3), (16, 16, 1)]

  private func product(_ factors: SharedFactors) -> DoubleMatrix {
    let parts = factors.coefficients.indices.map { DoubleMatrix(factors.product($0)) }
    var result = DoubleMatrix(zeros: parts[0].rows, parts.reduce(0) { $0 + $1.columns })
    var start = 0
    for part in parts {
      for row in 0..<part.rows { for column in 0..<part.columns { result[row, start + column] = part[row, column] } }
      start += part.columns
    }
    return result
  }

  @Test(arguments: cases)
  func inverseFreeFormEqualsTheCholeskyForm(inputs: Int, outputs: Int, layers: Int) throws {
    let weights = (0..<layers).map { Fixtures.matrix(inputs, outputs, seed: UInt64($0)) }
    let gram = Fixtures.gram(inputs, tokens: 40, seed: 9)
    let rank = min(inputs, outputs * layers) - 2
    let (factors, _) = try BasisFactorizer.factor(weights: weights, gram: gram, rank: rank)
    let paper = try BasisFactorizer.choleskyForm(weights: weights, gram: gram, rank: rank)
    // The factors are rounded to floats.
    #expect(Fixtures.difference(product(factors), paper.basis * paper.coefficients) < 1e-6)
  }

  @Test(arguments: cases)
  func bothFormsAgreeInDoublePrecision(inputs: Int, outputs: Int, layers: Int) throws {
    let weights = (0..<layers).map { Fixtures.matrix(inputs, outputs, seed: UInt64($0)) }
    let gram = Fixtures.gram(inputs, tokens: 40, seed: 9)
    let rank = min(inputs, outputs * layers) - 2
    let (rows, spectrum) = try BasisFactorizer.rightVectors(weights: weights, gram: gram, rank: rank)
    let joined = Fixtures.joined(weights)
    let paper = try BasisFactorizer.choleskyForm(weights: weights, gram: gram, rank: rank)
    #expect(Fixtures.difference((joined * rows.transposed) * rows, paper.basis * paper.coefficients) < 1e-8)
    let alone = try BasisFactorizer.spectrum(weights: weights, gram: gram)
    #expect(zip(alone.sigmaSquared, spectrum.sigmaSquared).allSatisfy { abs($0 - $1) < 1e-9 * spectrum.total })
  }

  @Test(arguments: cases)
  func tailOfTheSpectrumIsTheLoss(inputs: Int, outputs: Int, layers: Int) throws {
    let weights = (0..<layers).map { Fixtures.matrix(inputs, outputs, seed: UInt64($0)) }
    let gram = Fixtures.gram(inputs, tokens: 40, seed: 9)
    for rank in 1..<min(inputs, outputs * layers) {
      let (factors, spectrum) = try BasisFactorizer.factor(weights: weights, gram: gram, rank: rank)
      let loss = weights.indices.reduce(0.0) {
        $0
          + OwnInputLoss.value(
            weight: weights[$1], basis: factors.basis, coefficients: factors.coefficients[$1], gram: gram)
      }
      #expect(abs(loss - spectrum.tailLoss(rank: rank)) < 1e-6 * spectrum.total)
    }
  }

  @Test func singularGramsAreExact() throws {
    // Three tokens excite three directions: rank 3 loses nothing on them.
    let weights = [Fixtures.matrix(8, 20, seed: 1)]
    let gram = Fixtures.gram(8, tokens: 3, seed: 2)
    let (factors, spectrum) = try BasisFactorizer.factor(weights: weights, gram: gram, rank: 5)
    #expect(spectrum.tailLoss(rank: 3) < 1e-9 * spectrum.total)
    let loss = OwnInputLoss.value(
      weight: weights[0], basis: factors.basis, coefficients: factors.coefficients[0], gram: gram)
    #expect(loss < 1e-6 * spectrum.total)
  }

  @Test func valuesAgreeWithNumPy() throws {
    // numpy.random.default_rng(7), rounded to two digits: X (9 × 4), then W1 and W2 (4 × 3);
    // S = cholesky(XᵀX)ᵀ, svd(S [W1 W2]), B = inv(S) U₂ Σ₂, P = B V₂ᵀ.
    let x = DoubleMatrix(
      rows: 9, columns: 4,
      [
        0.0, 0.3, -0.27, -0.89, -0.45, -0.99, 0.06, 1.34, -0.49, -0.62, 0.49, 0.36, 0.11, -0.93, -0.03, 0.7, -1.34,
        -0.46, -1.9, -1.29, -1.84, -0.24, -1.27, 0.27, 0.16, -0.19, -2.52, -0.54, -0.05, 0.11, -1.53, -0.48, -0.98,
        -0.81, 1.06, -0.81,
      ])
    let first = DoubleMatrix(
      rows: 4, columns: 3, [-0.03, 0.88, -0.58, -0.11, 0.11, 0.06, -1.23, 0.08, 1.36, -1.55, 0.86, 0.12])
    let second = DoubleMatrix(
      rows: 4, columns: 3, [-0.64, 2.0, 0.76, -1.2, 0.07, 0.58, -0.19, 0.68, -0.07, 0.67, 1.44, -0.68])
    let expected = DoubleMatrix(
      rows: 4, columns: 6,
      [
        -0.19750241766, 0.766112622361, -0.286925636432, -1.095298137525, 1.727777237761, 0.884293628277,
        0.193143675641, 0.237100964192, -0.297866175582, -0.504457970545, 0.503797841642, 0.435406431316,
        -1.210988746525, 0.33430056941, 0.799647505798, 0.25408586571, 0.890733721142, -0.329576798095,
        -1.468306586615, 0.481496552304, 0.924892944181, 0.18640999276, 1.249378205995, -0.299207820246,
      ])
    let (factors, spectrum) = try BasisFactorizer.factor(
      weights: [first, second], gram: x.transposed * x, rank: 2)
    #expect(Fixtures.difference(product(factors), expected) < 1e-6)
    let squares = [136.85600134812555, 36.10770045788491, 13.94583327319022, 0.5017269207994274]
    #expect(zip(spectrum.sigmaSquared, squares).allSatisfy { abs($0 - $1) < 1e-9 * squares[0] })
  }

  @Test func refitIsLeastSquares() throws {
    let weights = (0..<2).map { Fixtures.matrix(10, 6, seed: UInt64($0)) }
    let grams = (0..<2).map { Fixtures.gram(10, tokens: 30, seed: 20 + UInt64($0)) }
    let pooled = DoubleMatrix(rows: 10, columns: 10, zip(grams[0].values, grams[1].values).map(+))
    var (factors, _) = try BasisFactorizer.factor(weights: weights, gram: pooled, rank: 4)
    func loss() -> [Double] {
      (0..<2).map {
        OwnInputLoss.value(
          weight: weights[$0], basis: factors.basis, coefficients: factors.coefficients[$0], gram: grams[$0])
      }
    }
    let before = loss()
    try CoefficientRefit.own(&factors, weights: weights, grams: grams)
    let after = loss()
    #expect(zip(after, before).allSatisfy { $0 < $1 })
    // At the minimum the residual is orthogonal to the basis: Bᵀ G (W − B C) = 0.
    var residual = weights[0]
    let fitted = DoubleMatrix(factors.product(0))
    for index in residual.values.indices { residual.values[index] -= fitted.values[index] }
    let gradient = DoubleMatrix(factors.basis).transposed * (grams[0] * residual)
    let scale = (DoubleMatrix(factors.basis).transposed * (grams[0] * weights[0])).values.map(abs).max() ?? 0
    #expect(gradient.values.allSatisfy { abs($0) < 1e-5 * scale })
  }

  @Test func alternatingIsBetterStill() throws {
    let weights = (0..<3).map { Fixtures.matrix(12, 9, seed: 30 + UInt64($0)) }
    let grams = (0..<3).map { Fixtures.gram(12, tokens: 30, seed: 40 + UInt64($0)) }
    let pooled = DoubleMatrix(
      rows: 12, columns: 12, grams[0].values.indices.map { i in grams.reduce(0) { $0 + $1.values[i] } })
    let (start, _) = try BasisFactorizer.factor(weights: weights, gram: pooled, rank: 5)
    func loss(_ factors: SharedFactors) -> Double {
      (0..<3).reduce(0) {
        $0
          + OwnInputLoss.value(
            weight: weights[$1], basis: factors.basis, coefficients: factors.coefficients[$1], gram: grams[$1])
      }
    }
    var own = start
    try CoefficientRefit.own(&own, weights: weights, grams: grams)
    var losses = [loss(start), loss(own)]
    for rounds in [1, 4] {
      var factors = start
      try AlternatingRefit(rounds: rounds, steps: 30).apply(to: &factors, weights: weights, grams: grams)
      losses.append(loss(factors))
    }
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 }, "\(losses)")
  }

  @Test func deadInputsAreLegal() throws {
    var gram = Fixtures.gram(6, tokens: 30, seed: 3)
    for index in 0..<6 { (gram[2, index], gram[index, 2]) = (0, 0) }
    let weights = [Fixtures.matrix(6, 9, seed: 1)]
    let (factors, spectrum) = try BasisFactorizer.factor(weights: weights, gram: gram, rank: 4)
    #expect(factors.basis.isFinite && factors.coefficients[0].isFinite)
    let loss = OwnInputLoss.value(
      weight: weights[0], basis: factors.basis, coefficients: factors.coefficients[0], gram: gram)
    #expect(abs(loss - spectrum.tailLoss(rank: 4)) < 1e-6 * spectrum.total)
  }

  @Test func effectiveRankCountsDirections() {
    #expect(abs(GroupSpectrum(sigmaSquared: [2, 2, 2, 0]).effectiveRank - 3) < 1e-12)
    #expect(GroupSpectrum(sigmaSquared: [0, 0]).effectiveRank == 0)
  }

  @Test(arguments: [(1, 1, 1), (4, 12, 7), (5, 13, 300), (37, 29, 31), (64, 50, 520)])
  func productsInDoublePrecision(m: Int, n: Int, k: Int) {
    let a = Fixtures.matrix(m, k, seed: 1), b = Fixtures.matrix(k, n, seed: 2)
    let expected = a * b
    for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
      let product = DoubleProduct.multiply(
        left ? a.transposed : a, right ? b.transposed : b, transposeA: left, transposeB: right)
      #expect(Fixtures.difference(product, expected) < 1e-13)
    }
  }

  @Test(arguments: [(1, 1), (13, 7), (32, 200), (45, 33), (100, 401)])
  func symmetricProductsInDoublePrecision(size: Int, depth: Int) {
    let a = Fixtures.matrix(size, depth, seed: 1)
    let product = DoubleProduct.multiply(a, a, transposeB: true, isSymmetric: true)
    #expect(Fixtures.difference(product, a * a.transposed) < 1e-13)
    #expect(product == product.transposed)
  }

  @Test func badGramsAreRejected() {
    let weights = [Fixtures.matrix(4, 3, seed: 1)]
    var gram = Fixtures.gram(4, tokens: 9, seed: 2)
    gram[0, 1] += 1
    #expect(throws: BasisSharingError.self) { try BasisFactorizer.factor(weights: weights, gram: gram, rank: 1) }
    gram[0, 1] = .nan
    #expect(throws: BasisSharingError.self) { try BasisFactorizer.factor(weights: weights, gram: gram, rank: 1) }
    #expect(throws: BasisSharingError.self) {
      try BasisFactorizer.factor(weights: weights, gram: DoubleMatrix(zeros: 3, 3), rank: 1)
    }
  }
}
