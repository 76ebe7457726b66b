/// The squared singular values of the whitened weights S W of a group, descending.
public struct GroupSpectrum: Sendable, Hashable, Codable {
  /// σ², descending, none negative.
  public let sigmaSquared: [Double]

  /// A spectrum.
  public init(sigmaSquared: [Double]) { self.sigmaSquared = sigmaSquared }

  /// ‖X(W − BC)‖² at a rank: the sum of the σ² that are cut off.
  public func tailLoss(rank: Int) -> Double { sigmaSquared.dropFirst(rank).reversed().reduce(0, +) }

  /// ‖XW‖².
  public var total: Double { tailLoss(rank: 0) }

  /// exp of the entropy of σ² / Σσ²: how many directions matter.
  public var effectiveRank: Double {
    let total = total
    guard total > 0 else { return 0 }
    let entropy = sigmaSquared.reduce(0.0) { sum, value in
      value > 0 ? sum - value / total * .log(value / total) : sum
    }
    return .exp(entropy)
  }
}
