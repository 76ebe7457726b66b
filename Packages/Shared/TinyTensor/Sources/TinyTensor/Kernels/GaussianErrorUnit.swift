import TinyTensorShims

/// GELU, `x · Φ(x)`, and its derivative `Φ(x) + x · φ(x)`, from one exponential and one division.
///
/// With t = |x|, the normal distribution's tail is `Φ(−t) = e^(−t²/2) · R(t)`. The factor R (Mills' ratio over √(2π)) falls
/// smoothly from 1/2 like 1/(t √(2π)), so a polynomial of degree 8 in `u = 1 / (1 + 0.303 t)` without constant term meets it to
/// 9 · 10⁻⁸ of its value on the whole half-line that matters (least squares, reweighted until all peaks were equal). Then
///
///     gelu(x)  = max(x, 0) − t · e^(−t²/2) · R(t)
///     gelu'(x) = d for x < 0, 1 − d else,  with  d = e^(−t²/2) · (R(t) − t/√(2π))
///
/// and nothing is subtracted that is nearly equal, which keeps the relative accuracy of small negative results.
enum GaussianErrorUnit: ActivationFunction {
  @inline(__always)
  static func value(_ x: Vector) -> Vector {
    let t = magnitude(x)
    return tt_multiply_add(x.replacing(with: 0, where: x .< 0), t, -(exponential(t) * ratio(t)))
  }

  @inline(__always)
  static func derivative(_ x: Vector) -> Vector {
    let t = magnitude(x)
    let d = exponential(t) * tt_multiply_add(ratio(t), t, Vector(repeating: -0.398_942_28))
    return (1 - d).replacing(with: d, where: x .< 0)
  }

  @inline(__always)
  static func pullBack(_ dy: Vector, at x: Vector) -> Vector { dy * derivative(x) }

  /// |x|, limited to where the exponential has just become 0.
  @inline(__always)
  private static func magnitude(_ x: Vector) -> Vector {
    let t = unsafeBitCast(unsafeBitCast(x, to: SIMD8<Int32>.self) & 0x7fff_ffff, to: Vector.self)
    return t.replacing(with: 13.27, where: t .> 13.27)
  }

  /// e^(−t²/2), 0 where it is below the normal range. `VectorMath.exp` without the cases that cannot occur here.
  @inline(__always)
  private static func exponential(_ t: Vector) -> Vector {
    let square = t * t
    // Adding 1.5 · 2²³ rounds to an integer n and leaves it in the low bits.
    let shifted = tt_multiply_add(Vector(repeating: 12_582_912), square, Vector(repeating: -0.721_347_52))
    let n = shifted - 12_582_912
    // ln 2 in two parts keeps the reduced argument exact.
    let high = tt_multiply_add(square * -0.5, n, Vector(repeating: -0.693_359_375))
    let r = tt_multiply_add(high, n, Vector(repeating: 2.121_944_4e-4))
    var p = tt_multiply_add(Vector(repeating: 1.398_199_95e-3), r, Vector(repeating: 1.987_569_15e-4))
    p = tt_multiply_add(Vector(repeating: 8.333_451_9e-3), r, p)
    p = tt_multiply_add(Vector(repeating: 4.166_579_6e-2), r, p)
    p = tt_multiply_add(Vector(repeating: 1.666_666_55e-1), r, p)
    p = tt_multiply_add(Vector(repeating: 5.000_000_1e-1), r, p)
    p = tt_multiply_add(r + 1, r * r, p)
    // n, moved into the exponent of 1, gives 2ⁿ for n in −126…0, and 0 for n = −127.
    let power = (unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23) &+ 0x3f80_0000
    return p * unsafeBitCast(power, to: Vector.self)
  }

  /// R(t), for t ≥ 0.
  @inline(__always)
  private static func ratio(_ t: Vector) -> Vector {
    let u = 1 / tt_multiply_add(Vector(repeating: 1), t, Vector(repeating: 0.303))
    var p = tt_multiply_add(Vector(repeating: -0.156_434_37), u, Vector(repeating: 0.036_723_103))
    p = tt_multiply_add(Vector(repeating: 0.196_773_45), u, p)
    p = tt_multiply_add(Vector(repeating: -0.046_658_89), u, p)
    p = tt_multiply_add(Vector(repeating: 0.125_266_8), u, p)
    p = tt_multiply_add(Vector(repeating: 0.101_659_566), u, p)
    p = tt_multiply_add(Vector(repeating: 0.121_838_43), u, p)
    p = tt_multiply_add(Vector(repeating: 0.120_831_9), u, p)
    return p * u
  }
}
