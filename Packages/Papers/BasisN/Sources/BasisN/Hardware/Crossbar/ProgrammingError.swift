import Foundation

/// How far a cell's conductance lies from what was meant.
public enum ProgrammingError: Sendable, Hashable, Codable {
  /// Exact.
  case none
  /// Normal, with a standard deviation of `sigma` times the conductance.
  case proportional(sigma: Double)
  /// Normal, with a standard deviation of `sigma` times the largest conductance.
  case independent(sigma: Double)
  /// The conductance times `exp(sigma · z)`.
  case lognormal(sigma: Double)
  /// A fit to measured RRAM, valid for 50…225 µS: σ = max(0, 4.782321 − 0.009107·G) µS.
  case milo
  /// A fit to measured RRAM, valid up to 39.26 µS: σ = 1.536e-4·G³ − 1.167e-2·G² + 0.2374·G + 1.053 µS.
  case wan

  /// A programmed conductance, never negative.
  /// - Parameters:
  ///   - target: meant conductance, µS.
  ///   - maximum: largest conductance of the cell, µS.
  ///   - normal: a standard normal number.
  /// - Throws: ``BasisNError/beyondFit(model:value:valid:unit:)`` where a fit says nothing.
  func apply(_ target: Double, maximum: Double, normal: Double) throws(BasisNError) -> Double {
    let value: Double
    switch self {
    case .none: value = target
    case .proportional(let sigma): value = target * (1 + sigma * normal)
    case .independent(let sigma): value = target + sigma * maximum * normal
    case .lognormal(let sigma): value = target * exp(sigma * normal)
    case .milo:
      guard (50...225).contains(target) else {
        throw .beyondFit(model: "milo", value: target, valid: 50...225, unit: "µS")
      }
      value = target + max(0, 4.782321 - 0.009107 * target) * normal
    case .wan:
      guard (0...39.26).contains(target) else {
        throw .beyondFit(model: "wan", value: target, valid: 0...39.26, unit: "µS")
      }
      let sigma = 1.536e-4 * target * target * target - 1.167e-2 * target * target + 0.2374 * target + 1.053
      value = target + sigma * normal
    }
    return max(0, value)
  }
}
