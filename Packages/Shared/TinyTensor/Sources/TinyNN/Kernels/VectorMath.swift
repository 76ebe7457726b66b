/// Elementary functions on eight lanes, accurate to a few units in the last place.
///
/// Polynomials: `exp` after Cephes, `tanh` and `erf` the rational minimax approximations that Eigen uses.
enum VectorMath {
  /// eˣ; 0 below −87.3, ∞ above 88.7, NaN for NaN.
  @inline(__always)
  static func exp(_ x: Lanes) -> Lanes {
    let limited = x.limited(-87.5, 88.9)
    // Adding 1.5 · 2²³ rounds to an integer and leaves that integer in the low bits of the mantissa.
    let magic: Float = 12_582_912
    let shifted = limited * 1.442_695_04 + magic
    let whole = shifted - magic
    // ln 2 in two parts, so that the reduced argument keeps full precision.
    let r = (limited - whole * 0.693_359_375) - whole * -2.121_944_4e-4
    var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
    p = p * r + 8.333_451_91e-3
    p = p * r + 4.166_579_59e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 5.000_000_1e-1
    p = p * (r * r) + r + 1
    // 2^(whole − 1) · 2, so that whole = 128 does not overflow the exponent field.
    let bits = (unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23) &+ Int32(126 << 23)
    let power = unsafeBitCast(bits, to: Lanes.self)
    return (p * power * 2)
      .replacing(with: 0, where: x .< -87.3)
      .replacing(with: .infinity, where: x .> 88.722_84)
  }

  /// 1 / (1 + e⁻ˣ).
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes { 1 / (1 + exp(-x)) }

  /// Hyperbolic tangent.
  @inline(__always)
  static func tanh(_ x: Lanes) -> Lanes {
    let c = x.limited(-7.998_811_7, 7.998_811_7)
    let s = c * c
    var p = s * -2.760_768_5e-16 + 2.000_187_9e-13
    p = p * s + -8.604_672e-11
    p = p * s + 5.122_297_1e-8
    p = p * s + 1.485_722_4e-5
    p = p * s + 6.372_619_3e-4
    p = p * s + 4.893_524_6e-3
    var q = s * 1.198_258_4e-6 + 1.185_347_1e-4
    q = q * s + 2.268_434_6e-3
    q = q * s + 4.893_525_2e-3
    return (c * p / q)
      .replacing(with: x, where: x.magnitudes .< 4e-4)
      .replacing(with: 1, where: x .> 9)
      .replacing(with: -1, where: x .< -9)
  }

  /// The error function.
  @inline(__always)
  static func erf(_ x: Lanes) -> Lanes {
    let c = x.limited(-4, 4)
    let s = c * c
    var p = s * -2.726_142_3e-10 + 2.770_681_4e-8
    p = p * s + -2.101_024_0e-6
    p = p * s + -5.692_506_4e-5
    p = p * s + -7.349_906_3e-4
    p = p * s + -2.954_599_8e-3
    p = p * s + -1.609_603_3e-2
    var q = s * -1.456_607_2e-5 + -2.133_740_6e-4
    q = q * s + -1.682_827_0e-3
    q = q * s + -7.373_329_2e-3
    q = q * s + -1.426_473_9e-2
    // Beyond ±3.92 the function rounds to ±1, which the quotient misses by a unit in the last place.
    return (c * p / q).replacing(with: 1, where: x .> 3.92).replacing(with: -1, where: x .< -3.92)
  }

  /// The density of the standard normal distribution.
  @inline(__always)
  static func normalDensity(_ x: Lanes) -> Lanes { 0.398_942_28 * exp(x * x * -0.5) }

  /// The cumulative distribution function of the standard normal distribution, Φ(x) = (1 + erf(x/√2)) / 2.
  @inline(__always)
  static func normalCumulative(_ x: Lanes) -> Lanes { 0.5 + 0.5 * erf(x * 0.707_106_78) }
}
