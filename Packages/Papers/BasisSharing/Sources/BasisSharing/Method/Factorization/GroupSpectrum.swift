import Foundation

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
    var entropy = 0.0
    for value in sigmaSquared where value > 0 { entropy -= value / total * log(value / total) }
    return exp(entropy)
  }
}
