import LanguageModelShims

/// Eight floats: one AVX register.
typealias Float8 = SIMD8<Float>

/// `c + a · b`, fused where the target has the instruction.
@inline(__always)
func multiplyAdd<V: SIMD>(_ c: V, _ a: V, _ b: V) -> V where V.Scalar == Float {
  LM_HAS_FMA == 1 ? c.addingProduct(a, b) : c + a * b
}

@inline(__always)
func load8(_ pointer: UnsafePointer<Float>) -> Float8 { UnsafeRawPointer(pointer).loadUnaligned(as: Float8.self) }

@inline(__always)
func load8(_ pointer: UnsafeMutablePointer<Float>) -> Float8 {
  UnsafeRawPointer(pointer).loadUnaligned(as: Float8.self)
}

@inline(__always)
func store8(_ value: Float8, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Float8.self)
}

/// The sum of the lanes, in an order that never changes.
@inline(__always)
func laneSum(_ value: Float8) -> Float {
  let four = value.lowHalf + value.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The sum of the lanes.
@inline(__always)
func laneSum(_ value: SIMD8<Int32>) -> Int32 {
  let four = value.lowHalf &+ value.highHalf
  let two = four.lowHalf &+ four.highHalf
  return two.x &+ two.y
}

/// The largest lane; none may be NaN.
@inline(__always)
func laneMaximum(_ value: Float8) -> Float {
  let four = value.lowHalf.replacing(with: value.highHalf, where: value.highHalf .> value.lowHalf)
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
  return max(two.x, two.y)
}

@inline(__always)
func maximum(_ a: Float8, _ b: Float8) -> Float8 { a.replacing(with: b, where: b .> a) }

/// eˣ to about one unit in the last place for x in [-87, 88]; smaller arguments give 0, larger ones are clamped.
///
/// Cody & Waite reduction by ln 2 and a polynomial of degree 6 (Cephes' `expf` coefficients).
@inline(__always)
func exponential(_ x: Float8) -> Float8 {
  let clamped = maximum(x, Float8(repeating: -87.3)).replacing(with: 88, where: x .> 88)
  let scaled = clamped * 1.442_695_04
  let exponent = lm_round_to_int(scaled)
  let n = lm_to_float(exponent)
  var r = multiplyAdd(clamped, n, Float8(repeating: -0.693_359_375))
  r = multiplyAdd(r, n, Float8(repeating: 2.121_944_4e-4))
  var p = Float8(repeating: 1.987_569_15e-4)
  p = multiplyAdd(Float8(repeating: 1.398_199_95e-3), p, r)
  p = multiplyAdd(Float8(repeating: 8.333_451_9e-3), p, r)
  p = multiplyAdd(Float8(repeating: 4.166_579_6e-2), p, r)
  p = multiplyAdd(Float8(repeating: 1.666_666_55e-1), p, r)
  p = multiplyAdd(Float8(repeating: 5.000_000_1e-1), p, r)
  p = multiplyAdd(r, p, r * r) + 1
  let power = unsafeBitCast((exponent &+ 127) &<< 23, to: Float8.self)
  return (p * power).replacing(with: 0, where: x .< -87.3)
}

/// Visits `0..<count` in steps of eight; the last step may be partial (`width` < 8).
@inline(__always)
func forEachEight(_ count: Int, _ body: (_ start: Int, _ width: Int) -> Void) {
  var start = 0
  while start + 8 <= count {
    body(start, 8)
    start += 8
  }
  if start < count { body(start, count - start) }
}

/// Loads up to eight floats, zeros in the other lanes.
@inline(__always)
func loadUpTo8(_ pointer: UnsafePointer<Float>, _ width: Int) -> Float8 {
  if width == 8 { return load8(pointer) }
  var value = Float8.zero
  for lane in 0..<width { value[lane] = pointer[lane] }
  return value
}

/// Stores the first `width` lanes.
@inline(__always)
func storeUpTo8(_ value: Float8, _ pointer: UnsafeMutablePointer<Float>, _ width: Int) {
  if width == 8 { return store8(value, pointer) }
  for lane in 0..<width { pointer[lane] = value[lane] }
}
