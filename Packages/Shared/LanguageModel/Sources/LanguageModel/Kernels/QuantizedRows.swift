import LanguageModelShims
import TinyTensor

/// Activations, quantised to 8 bits with one scale per block of 32: x ≈ scale · q.
///
/// `sums` are scale · Σq per block; they multiply the minima of the weights.
struct QuantizedRows {
  let codes: UnsafeMutablePointer<Int8>
  let scales: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Float>
  let count: Int
  let width: Int

  var blockCount: Int { width / 32 }

  /// Floats of scratch memory that `count` rows of `width` need.
  static func scratchFloats(count: Int, width: Int) -> Int { count * (width / 4 + width / 16) }

  init(scratch: UnsafeMutablePointer<Float>, count: Int, width: Int) {
    precondition(width % 32 == 0, "only rows of whole blocks of 32 are quantised, got \(width)")
    codes = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Int8.self)
    scales = scratch + count * width / 4
    sums = scales + count * width / 32
    self.count = count
    self.width = width
  }

  /// Quantises row `row` of `source` into the same row.
  func quantize(_ source: Rows, row: Int) {
    let input = source[row]
    let output = codes + row * width
    for block in 0..<blockCount {
      let x0 = load8(input + block * 32)
      let x1 = load8(input + block * 32 + 8)
      let x2 = load8(input + block * 32 + 16)
      let x3 = load8(input + block * 32 + 24)
      let largest = laneMaximum(
        maximum(maximum(magnitude(x0), magnitude(x1)), maximum(magnitude(x2), magnitude(x3))))
      // A block of nothing but zeros and near-denormal numbers, whose inverse would overflow, counts as zeros.
      let isZero = largest < 1e-30
      let scale = isZero ? 0 : largest / 127
      let inverse = Float8(repeating: isZero ? 0 : 127 / largest)
      let y0 = (x0 * inverse)
      let y1 = (x1 * inverse)
      let y2 = (x2 * inverse)
      let y3 = (x3 * inverse)
      let raw = UnsafeMutableRawPointer(output + block * 32)
      raw.storeBytes(of: lm_round_to_bytes(y0), as: SIMD8<Int8>.self)
      raw.storeBytes(of: lm_round_to_bytes(y1), toByteOffset: 8, as: SIMD8<Int8>.self)
      raw.storeBytes(of: lm_round_to_bytes(y2), toByteOffset: 16, as: SIMD8<Int8>.self)
      raw.storeBytes(of: lm_round_to_bytes(y3), toByteOffset: 24, as: SIMD8<Int8>.self)
      let whole =
        (lm_round_to_int(y0) &+ lm_round_to_int(y1)) &+ (lm_round_to_int(y2) &+ lm_round_to_int(y3))
      scales[row * blockCount + block] = scale
      sums[row * blockCount + block] = scale * Float(laneSum(whole))
    }
  }

  @inline(__always)
  private func magnitude(_ x: Float8) -> Float8 {
    unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: Float8.self)
  }
}
