import TinyTensor

/// Least squares for basis and coefficients in turn, on each layer's own inputs: one step further than ``CoefficientRefit``.
///
/// For fixed C the basis solves Σᵢ G(i) B C(i)C(i)ᵀ = Σᵢ G(i) W(i) C(i)ᵀ, a symmetric positive system in B that conjugate gradients
/// solve without ever forming it. Both halves lower the loss Σᵢ ‖X(i)(W(i) − B C(i))‖².
public struct AlternatingRefit: Sendable, Hashable {
  /// Rounds of coefficients and basis.
  public var rounds: Int
  /// Steps of conjugate gradients per round.
  public var steps: Int

  /// Settings.
  public init(rounds: Int = 3, steps: Int = 12) {
    self.rounds = rounds
    self.steps = steps
  }

  /// Refits basis and coefficients of a group; ends with coefficients that are optimal for the basis.
  ///
  /// - Parameters:
  ///   - factors: The factors, which change.
  ///   - weights: W(i) in the order of the group.
  ///   - grams: G(i) of each layer's own inputs.
  /// - Throws: `LinearAlgebraError`.
  public func apply(
    to factors: inout SharedFactors, weights: [DoubleMatrix], grams: [DoubleMatrix]
  ) throws(LinearAlgebraError) {
    let images = zip(grams, weights).map { DoubleProduct.multiply($0, $1) }
    var basis = DoubleMatrix(factors.basis)
    var coefficients = try Self.coefficients(basis, grams, images)
    for _ in 0..<rounds {
      let squares = coefficients.map { DoubleProduct.multiply($0, $0, transposeB: true, isSymmetric: true) }
      let right = zip(images, coefficients).map { DoubleProduct.multiply($0, $1, transposeB: true) }.sum()
      conjugateGradients(&basis, right) { direction in
        zip(grams, squares).map { DoubleProduct.multiply(DoubleProduct.multiply($0, direction), $1) }.sum()
      }
      coefficients = try Self.coefficients(basis, grams, images)
    }
    factors = SharedFactors(basis: basis.tensor, coefficients: coefficients.map(\.tensor))
  }

  private static func coefficients(
    _ basis: DoubleMatrix, _ grams: [DoubleMatrix], _ images: [DoubleMatrix]
  ) throws(LinearAlgebraError) -> [DoubleMatrix] {
    var result: [DoubleMatrix] = []
    for (gram, image) in zip(grams, images) {
      result.append(try LayerFit(basis: basis, gram: gram, image: image, total: 0).solution())
    }
    return result
  }

  /// Hestenes and Stiefel's iteration on matrices with the inner product ⟨A, B⟩ = tr(AᵀB), from the given start.
  private func conjugateGradients(
    _ x: inout DoubleMatrix, _ right: DoubleMatrix, _ apply: (DoubleMatrix) -> DoubleMatrix
  ) {
    var residual = right
    residual.add(apply(x), scaledBy: -1)
    var direction = residual
    var square = residual.dot(residual)
    let goal = 1e-16 * right.dot(right)
    for _ in 0..<steps where square > goal {
      let image = apply(direction)
      let curvature = direction.dot(image)
      guard curvature > 0 else { return }
      x.add(direction, scaledBy: square / curvature)
      residual.add(image, scaledBy: -square / curvature)
      let next = residual.dot(residual)
      let ratio = next / square
      square = next
      for index in direction.values.indices {
        direction.values[index] = residual.values[index] + ratio * direction.values[index]
      }
    }
  }
}

extension DoubleMatrix {
  fileprivate mutating func add(_ other: DoubleMatrix, scaledBy factor: Double) {
    for index in values.indices { values[index] += factor * other.values[index] }
  }

  fileprivate func dot(_ other: DoubleMatrix) -> Double {
    var sum = 0.0
    for index in values.indices { sum += values[index] * other.values[index] }
    return sum
  }
}

extension Array where Element == DoubleMatrix {
  fileprivate func sum() -> DoubleMatrix {
    var result = self[0]
    for other in dropFirst() { result.add(other, scaledBy: 1) }
    return result
  }
}
