/// Elementary functions of sixteen numbers at once, accurate to a few units in the last place of `Float`.
///
/// Polynomials after Cephes (Moshier) and, for `erf`, Juffa. NaN gives NaN; infinities give the limits.
public enum VectorMath {
  // Computed in two halves: vectors wider than a register, and above all their masks, compile to poor code with AVX2.
  typealias Half = SIMD8<Float>
  typealias Integers = SIMD8<Int32>

  @inline(__always)
  private static func halves(_ x: Lanes, _ function: (Half) -> Half) -> Lanes {
    let (low, high) = unsafeBitCast(x, to: (Half, Half).self)
    return unsafeBitCast((function(low), function(high)), to: Lanes.self)
  }

  /// eˣ; underflows gradually to 0 and overflows to ∞.
  public static func exp(_ x: Lanes) -> Lanes { halves(x) { exp($0) } }

  /// The natural logarithm; -∞ at 0, NaN below.
  public static func log(_ x: Lanes) -> Lanes { halves(x) { log($0) } }

  /// The hyperbolic tangent.
  public static func tanh(_ x: Lanes) -> Lanes { halves(x) { tanh($0) } }

  /// The logistic function 1 / (1 + e⁻ˣ).
  public static func sigmoid(_ x: Lanes) -> Lanes { halves(x) { sigmoid($0) } }

  /// The error function.
  public static func erf(_ x: Lanes) -> Lanes { halves(x) { erf($0) } }

  // MARK: Eight numbers

  @inline(__always)
  private static func exp(_ x: Half) -> Half {
    let clamped = x.replacing(with: -104, where: x .< -104).replacing(with: 89, where: x .> 89)
    // Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits; a conversion of the vector would go lane by lane.
    let shifted = clamped * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    // ln 2 in two parts keeps the reduced argument exact.
    let high = multiplyAdd(clamped, n, Half(repeating: -0.693_359_375))
    let r = multiplyAdd(high, n, Half(repeating: 2.121_944_4e-4))
    var p = multiplyAdd(Half(repeating: 1.398_199_95e-3), r, Half(repeating: 1.987_569_15e-4))
    p = multiplyAdd(Half(repeating: 8.333_451_9e-3), r, p)
    p = multiplyAdd(Half(repeating: 4.166_579_6e-2), r, p)
    p = multiplyAdd(Half(repeating: 1.666_666_55e-1), r, p)
    p = multiplyAdd(Half(repeating: 5.000_000_1e-1), r, p)
    p = multiplyAdd(r + 1, r * r, p)
    // 2ⁿ in two factors, so that results below the normal range are reached gradually.
    let exponent = unsafeBitCast(shifted, to: Integers.self) &- 0x4b40_0000
    let half = exponent &>> 1
    let result = p * powerOfTwo(half) * powerOfTwo(exponent &- half)
    return result.replacing(with: x, where: x .!= x)
  }

  /// `c + a · b`, rounded twice: the fused form of a whole vector is compiled lane by lane outside of register tiles.
  @inline(__always)
  private static func multiplyAdd(_ c: Half, _ a: Half, _ b: Half) -> Half { c + a * b }

  /// 2ⁿ for n in -126…127.
  @inline(__always)
  private static func powerOfTwo(_ n: Integers) -> Half { unsafeBitCast((n &+ 127) &<< 23, to: Half.self) }

  @inline(__always)
  private static func absolute(_ x: Half) -> Half {
    unsafeBitCast(unsafeBitCast(x, to: Integers.self) & 0x7fff_ffff, to: Half.self)
  }

  @inline(__always)
  private static func log(_ x: Half) -> Half {
    // Subnormals are scaled into the normal range first.
    let tiny = x .< 1.175_494_4e-38
    let scaled = x.replacing(with: x * 0x1p25, where: tiny)
    let bits = unsafeBitCast(scaled, to: Integers.self)
    var exponent = Half((bits &>> 23) &- 126)
    exponent.replace(with: exponent - 25, where: tiny)
    var m = unsafeBitCast((bits & 0x007f_ffff) | 0x3f00_0000, to: Half.self)
    let small = m .< 0.707_106_77
    exponent.replace(with: exponent - 1, where: small)
    m.replace(with: m + m, where: small)
    m -= 1
    let z = m * m
    var p = multiplyAdd(Half(repeating: -1.151_461_03e-1), m, Half(repeating: 7.037_683_6e-2))
    p = multiplyAdd(Half(repeating: 1.167_699_87e-1), m, p)
    p = multiplyAdd(Half(repeating: -1.242_014_08e-1), m, p)
    p = multiplyAdd(Half(repeating: 1.424_932_28e-1), m, p)
    p = multiplyAdd(Half(repeating: -1.666_805_77e-1), m, p)
    p = multiplyAdd(Half(repeating: 2.000_071_48e-1), m, p)
    p = multiplyAdd(Half(repeating: -2.499_999_4e-1), m, p)
    p = multiplyAdd(Half(repeating: 3.333_333_1e-1), m, p)
    var y = m * z * p
    y = multiplyAdd(y, exponent, Half(repeating: -2.121_944_4e-4))
    y = multiplyAdd(y, z, Half(repeating: -0.5))
    var result = multiplyAdd(m + y, exponent, Half(repeating: 0.693_359_375))
    result.replace(with: -.infinity, where: x .== 0)
    result.replace(with: .nan, where: x .< 0)
    return result.replacing(with: x, where: (x .!= x) .| (x .== .infinity))
  }

  @inline(__always)
  private static func tanh(_ x: Half) -> Half {
    let magnitude = absolute(x)
    let z = x * x
    var p = multiplyAdd(Half(repeating: 2.063_907_78e-2), z, Half(repeating: -5.704_988_72e-3))
    p = multiplyAdd(Half(repeating: -5.373_971_54e-2), z, p)
    p = multiplyAdd(Half(repeating: 1.333_144_22e-1), z, p)
    p = multiplyAdd(Half(repeating: -3.333_328_13e-1), z, p)
    let small = multiplyAdd(x, x * z, p)
    let large = 1 - 2 / (exp(magnitude + magnitude) + 1)
    let signed = large.replacing(with: -large, where: x .< 0)
    return signed.replacing(with: small, where: magnitude .< 0.625).replacing(with: x, where: x .!= x)
  }

  @inline(__always)
  private static func sigmoid(_ x: Half) -> Half { 1 / (1 + exp(-x)) }

  @inline(__always)
  private static func erf(_ x: Half) -> Half {
    let t = absolute(x)
    let s = x * x
    var r = multiplyAdd(Half(repeating: 3.831_971_26e-4), t, Half(repeating: -1.728_534_7e-5))
    let u = multiplyAdd(Half(repeating: 2.425_462_19e-2), t, Half(repeating: -3.883_964_38e-3))
    r = multiplyAdd(u, r, s)
    r = multiplyAdd(Half(repeating: -1.067_778_77e-1), r, t)
    r = multiplyAdd(Half(repeating: -6.348_466_87e-1), r, t)
    r = multiplyAdd(Half(repeating: -1.287_175_12e-1), r, t)
    r = multiplyAdd(-t, r, t)
    // Beyond 4 the function is 1 to the last bit, and the polynomial must not overflow.
    let tail = (1 - exp(r)).replacing(with: 1, where: t .> 4)
    let large = tail.replacing(with: -tail, where: x .< 0)
    var q = multiplyAdd(Half(repeating: 4.991_194_23e-3), s, Half(repeating: -5.967_617_03e-4))
    q = multiplyAdd(Half(repeating: -2.676_813_49e-2), s, q)
    q = multiplyAdd(Half(repeating: 1.128_199_25e-1), s, q)
    q = multiplyAdd(Half(repeating: -3.761_253_36e-1), s, q)
    q = multiplyAdd(Half(repeating: 1.283_791_66e-1), s, q)
    let small = multiplyAdd(x, x, q)
    return large.replacing(with: small, where: t .<= 0.927_734_375).replacing(with: x, where: x .!= x)
  }
}

extension Tensor {
  /// eˣ of every element.
  public func exp() -> Tensor { mapLanes { VectorMath.exp($0) } }
  /// The natural logarithm of every element.
  public func log() -> Tensor { mapLanes { VectorMath.log($0) } }
  /// The hyperbolic tangent of every element.
  public func tanh() -> Tensor { mapLanes { VectorMath.tanh($0) } }
  /// The logistic function of every element.
  public func sigmoid() -> Tensor { mapLanes { VectorMath.sigmoid($0) } }
  /// The error function of every element.
  public func erf() -> Tensor { mapLanes { VectorMath.erf($0) } }
  /// The square root of every element.
  public func squareRoot() -> Tensor { map { $0.squareRoot() } }
}
