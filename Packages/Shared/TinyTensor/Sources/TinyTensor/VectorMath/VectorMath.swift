/// Elementary functions of sixteen numbers at once, accurate to a few units in the last place of `Float`.
///
/// Polynomials after Cephes (Moshier) and, for `erf`, Juffa. NaN gives NaN; infinities give the limits.
public enum VectorMath {
  typealias Integers = SIMD16<Int32>

  /// eˣ; underflows gradually to 0 and overflows to ∞.
  public static func exp(_ x: Lanes) -> Lanes {
    let clamped = pointwiseMin(pointwiseMax(x, Lanes(repeating: -104)), Lanes(repeating: 89))
    let n = (clamped * 1.442_695_04).rounded(.toNearestOrEven)
    // ln 2 in two parts keeps the reduced argument exact.
    let high = multiplyAdd(clamped, n, Lanes(repeating: -0.693_359_375))
    let r = multiplyAdd(high, n, Lanes(repeating: 2.121_944_4e-4))
    var p = multiplyAdd(Lanes(repeating: 1.398_199_95e-3), r, Lanes(repeating: 1.987_569_15e-4))
    p = multiplyAdd(Lanes(repeating: 8.333_451_9e-3), r, p)
    p = multiplyAdd(Lanes(repeating: 4.166_579_6e-2), r, p)
    p = multiplyAdd(Lanes(repeating: 1.666_666_55e-1), r, p)
    p = multiplyAdd(Lanes(repeating: 5.000_000_1e-1), r, p)
    p = multiplyAdd(r + 1, r * r, p)
    // 2ⁿ in two factors, so that results below the normal range are reached gradually.
    let exponent = Integers(truncatingIfNeeded: SIMD16<Int32>(n))
    let half = exponent &>> 1
    let result = p * powerOfTwo(half) * powerOfTwo(exponent &- half)
    return result.replacing(with: x, where: x .!= x)
  }

  /// 2ⁿ for n in -126…127.
  @inline(__always)
  private static func powerOfTwo(_ n: Integers) -> Lanes { unsafeBitCast((n &+ 127) &<< 23, to: Lanes.self) }

  /// The natural logarithm; -∞ at 0, NaN below.
  public static func log(_ x: Lanes) -> Lanes {
    // Subnormals are scaled into the normal range first.
    let tiny = x .< 1.175_494_4e-38
    let scaled = x.replacing(with: x * 0x1p25, where: tiny)
    let bits = unsafeBitCast(scaled, to: Integers.self)
    var exponent = Lanes((bits &>> 23) &- 126)
    exponent.replace(with: exponent - 25, where: tiny)
    var m = unsafeBitCast((bits & 0x007f_ffff) | 0x3f00_0000, to: Lanes.self)
    let small = m .< 0.707_106_77
    exponent.replace(with: exponent - 1, where: small)
    m.replace(with: m + m, where: small)
    m -= 1
    let z = m * m
    var p = multiplyAdd(Lanes(repeating: -1.151_461_03e-1), m, Lanes(repeating: 7.037_683_6e-2))
    p = multiplyAdd(Lanes(repeating: 1.167_699_87e-1), m, p)
    p = multiplyAdd(Lanes(repeating: -1.242_014_08e-1), m, p)
    p = multiplyAdd(Lanes(repeating: 1.424_932_28e-1), m, p)
    p = multiplyAdd(Lanes(repeating: -1.666_805_77e-1), m, p)
    p = multiplyAdd(Lanes(repeating: 2.000_071_48e-1), m, p)
    p = multiplyAdd(Lanes(repeating: -2.499_999_4e-1), m, p)
    p = multiplyAdd(Lanes(repeating: 3.333_333_1e-1), m, p)
    var y = m * z * p
    y = multiplyAdd(y, exponent, Lanes(repeating: -2.121_944_4e-4))
    y = multiplyAdd(y, z, Lanes(repeating: -0.5))
    var result = multiplyAdd(m + y, exponent, Lanes(repeating: 0.693_359_375))
    result.replace(with: -.infinity, where: x .== 0)
    result.replace(with: .nan, where: x .< 0)
    return result.replacing(with: x, where: (x .!= x) .| (x .== .infinity))
  }

  /// The hyperbolic tangent.
  public static func tanh(_ x: Lanes) -> Lanes {
    let magnitude = pointwiseMax(x, -x)
    let z = x * x
    var p = multiplyAdd(Lanes(repeating: 2.063_907_78e-2), z, Lanes(repeating: -5.704_988_72e-3))
    p = multiplyAdd(Lanes(repeating: -5.373_971_54e-2), z, p)
    p = multiplyAdd(Lanes(repeating: 1.333_144_22e-1), z, p)
    p = multiplyAdd(Lanes(repeating: -3.333_328_13e-1), z, p)
    let small = multiplyAdd(x, x * z, p)
    let large = 1 - 2 / (exp(magnitude + magnitude) + 1)
    let signed = large.replacing(with: -large, where: x .< 0)
    return signed.replacing(with: small, where: magnitude .< 0.625).replacing(with: x, where: x .!= x)
  }

  /// The logistic function 1 / (1 + e⁻ˣ).
  public static func sigmoid(_ x: Lanes) -> Lanes { 1 / (1 + exp(-x)) }

  /// The error function.
  public static func erf(_ x: Lanes) -> Lanes {
    let t = pointwiseMax(x, -x)
    let s = x * x
    var r = multiplyAdd(Lanes(repeating: 3.831_971_26e-4), t, Lanes(repeating: -1.728_534_7e-5))
    let u = multiplyAdd(Lanes(repeating: 2.425_462_19e-2), t, Lanes(repeating: -3.883_964_38e-3))
    r = multiplyAdd(u, r, s)
    r = multiplyAdd(Lanes(repeating: -1.067_778_77e-1), r, t)
    r = multiplyAdd(Lanes(repeating: -6.348_466_87e-1), r, t)
    r = multiplyAdd(Lanes(repeating: -1.287_175_12e-1), r, t)
    r = multiplyAdd(-t, r, t)
    // Beyond 4 the function is 1 to the last bit, and the polynomial must not overflow.
    let tail = (1 - exp(r)).replacing(with: 1, where: t .> 4)
    let large = tail.replacing(with: -tail, where: x .< 0)
    var q = multiplyAdd(Lanes(repeating: 4.991_194_23e-3), s, Lanes(repeating: -5.967_617_03e-4))
    q = multiplyAdd(Lanes(repeating: -2.676_813_49e-2), s, q)
    q = multiplyAdd(Lanes(repeating: 1.128_199_25e-1), s, q)
    q = multiplyAdd(Lanes(repeating: -3.761_253_36e-1), s, q)
    q = multiplyAdd(Lanes(repeating: 1.283_791_66e-1), s, q)
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
