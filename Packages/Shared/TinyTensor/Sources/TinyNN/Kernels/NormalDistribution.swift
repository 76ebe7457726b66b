import TinyTensor

/// The standard normal distribution, sixteen numbers at a time.
enum NormalDistribution {
  /// φ(x) = exp(−x²/2) / √(2π).
  @inline(__always)
  static func density(_ x: Lanes) -> Lanes { 0.398_942_28 * VectorMath.exp(x * x * -0.5) }

  /// Φ(x) = (1 + erf(x/√2)) / 2.
  @inline(__always)
  static func cumulative(_ x: Lanes) -> Lanes { 0.5 + 0.5 * VectorMath.erf(x * 0.707_106_78) }
}
