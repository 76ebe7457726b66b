import Foundation
import TinyTensor

/// The contest of one group of kernels for the columns, and its gradient.
///
/// `Ω = (mean_j u⁴)^¼ / mean_j u` with `u_j = Σ_o |c_oj| / (|c_oj| + τ·α_o)`: 1 when all columns are used alike, and growing
/// with the busiest column, which is the lower bound of the schedule.
enum ContestKernel {
  /// The contest of the rows of one group.
  /// - Parameters:
  ///   - coefficients: all coefficients `[slices, atoms]`.
  ///   - softness: `τ·α` of every slice.
  ///   - loads: receives `u`, `atoms` entries.
  /// - Returns: Ω, or 0 when nothing is used.
  static func value(
    _ coefficients: UnsafePointer<Float>, atoms: Int, rows: [Int], softness: [Float], loads: inout [Double]
  ) -> Double {
    for atom in 0..<atoms { loads[atom] = 0 }
    for row in rows {
      let soft = softness[row]
      for atom in 0..<atoms {
        let magnitude = abs(coefficients[row * atoms + atom])
        if magnitude > 0 { loads[atom] += Double(magnitude / (magnitude + soft)) }
      }
    }
    let mean = loads.reduce(0, +) / Double(atoms)
    guard mean > 0 else { return 0 }
    let fourth = loads.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(atoms)
    return pow(fourth, 0.25) / mean
  }

  /// Adds `weight · ∂Ω/∂c` of one group to a gradient.
  static func addGradient(
    _ coefficients: UnsafePointer<Float>, atoms: Int, rows: [Int], softness: [Float], loads: [Double], weight: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let mean = loads.reduce(0, +) / Double(atoms)
    guard mean > 0 else { return }
    let fourth = loads.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(atoms)
    let root = pow(fourth, 0.25)
    let slopes = loads.map { load in
      weight / Double(atoms) * (load * load * load * pow(fourth, -0.75) / mean - root / (mean * mean))
    }
    for row in rows {
      let soft = softness[row]
      for atom in 0..<atoms {
        let value = coefficients[row * atoms + atom]
        guard value != 0 else { continue }
        let sum = abs(value) + soft
        let slope = Float(slopes[atom]) * soft / (sum * sum)
        gradient[row * atoms + atom] += value > 0 ? slope : -slope
      }
    }
  }
}
