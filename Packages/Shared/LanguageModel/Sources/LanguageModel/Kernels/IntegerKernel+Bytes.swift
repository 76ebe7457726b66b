import LanguageModelShims

extension IntegerKernel {
  /// One tile of a byte matrix times four rows of activations, read in packed form.
  @inline(__always)
  static func bytesTimesFour(
    _ matrix: PackedMatrix, tile: Int, codes: UnsafePointer<Int8>, scales: UnsafePointer<Float>,
    sums: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    let width = matrix.columns
    let blocks = matrix.blockCount
    let step = matrix.blockBytes
    let scaleBytes = matrix.scaleBytes
    let wide = matrix.wideScales
    var r00 = Float8.zero, r01 = Float8.zero, r10 = Float8.zero, r11 = Float8.zero
    var r20 = Float8.zero, r21 = Float8.zero, r30 = Float8.zero, r31 = Float8.zero
    var first = matrix.panel(2 * tile)
    var second = matrix.panel(2 * tile + 1)
    var x = codes
    for block in 0..<blocks {
      var s00 = SIMD8<Int32>.zero, s01 = SIMD8<Int32>.zero, s10 = SIMD8<Int32>.zero, s11 = SIMD8<Int32>.zero
      var s20 = SIMD8<Int32>.zero, s21 = SIMD8<Int32>.zero, s30 = SIMD8<Int32>.zero, s31 = SIMD8<Int32>.zero
      for group in 0..<8 {
        let w0 = lm_as_signed(lm_load_bytes(first + 32 * group))
        let w1 = lm_as_signed(lm_load_bytes(second + 32 * group))
        let a0 = lm_broadcast4(x + 4 * group)
        s00 = lm_signed_dot(s00, w0, a0)
        s01 = lm_signed_dot(s01, w1, a0)
        let a1 = lm_broadcast4(x + width + 4 * group)
        s10 = lm_signed_dot(s10, w0, a1)
        s11 = lm_signed_dot(s11, w1, a1)
        let a2 = lm_broadcast4(x + 2 * width + 4 * group)
        s20 = lm_signed_dot(s20, w0, a2)
        s21 = lm_signed_dot(s21, w1, a2)
        let a3 = lm_broadcast4(x + 3 * width + 4 * group)
        s30 = lm_signed_dot(s30, w0, a3)
        s31 = lm_signed_dot(s31, w1, a3)
      }
      let d0 = PackedMatrix.scales(first + 256, wide: wide)
      let d1 = PackedMatrix.scales(second + 256, wide: wide)
      scale(&r00, &r01, s00, s01, d0, d1, scales[block])
      scale(&r10, &r11, s10, s11, d0, d1, scales[blocks + block])
      scale(&r20, &r21, s20, s21, d0, d1, scales[2 * blocks + block])
      scale(&r30, &r31, s30, s31, d0, d1, scales[3 * blocks + block])
      if matrix.hasMinima {
        let m0 = PackedMatrix.scales(first + 256 + scaleBytes, wide: wide)
        let m1 = PackedMatrix.scales(second + 256 + scaleBytes, wide: wide)
        addMinima(&r00, &r01, m0, m1, sums[block])
        addMinima(&r10, &r11, m0, m1, sums[blocks + block])
        addMinima(&r20, &r21, m0, m1, sums[2 * blocks + block])
        addMinima(&r30, &r31, m0, m1, sums[3 * blocks + block])
      }
      first += step
      second += step
      x += 32
    }
    store8(r00, output)
    store8(r01, output + 8)
    store8(r10, output + outputStride)
    store8(r11, output + outputStride + 8)
    store8(r20, output + 2 * outputStride)
    store8(r21, output + 2 * outputStride + 8)
    store8(r30, output + 3 * outputStride)
    store8(r31, output + 3 * outputStride + 8)
  }

  @inline(__always)
  private static func scale(
    _ r0: inout Float8, _ r1: inout Float8, _ s0: SIMD8<Int32>, _ s1: SIMD8<Int32>, _ d0: Float8, _ d1: Float8,
    _ scale: Float
  ) {
    let scales = Float8(repeating: scale)
    r0 = multiplyAdd(r0, lm_to_float(s0), d0 * scales)
    r1 = multiplyAdd(r1, lm_to_float(s1), d1 * scales)
  }

  @inline(__always)
  private static func addMinima(_ r0: inout Float8, _ r1: inout Float8, _ m0: Float8, _ m1: Float8, _ sum: Float) {
    let sums = Float8(repeating: sum)
    r0 = multiplyAdd(r0, m0, sums)
    r1 = multiplyAdd(r1, m1, sums)
  }
}
