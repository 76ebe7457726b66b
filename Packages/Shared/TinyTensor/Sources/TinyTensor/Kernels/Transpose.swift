/// Small transposes in registers.
enum Transpose {
  /// Transposes an 8 × 8 block: `target[c][r] = line(r)[c]`. Target rows are stored in ascending order.
  @inline(__always)
  static func block8<Word: TileWord>(
    _ line: (Int) -> SIMD8<Word>, _ target: UnsafeMutablePointer<Word>, targetStride: Int
  ) {
    // Three rounds of interleaving rows r and r + 4 move row index bits into the column index.
    let a0 = interleave(line(0), line(4))
    let a1 = interleave(line(1), line(5))
    let a2 = interleave(line(2), line(6))
    let a3 = interleave(line(3), line(7))
    let b0 = interleave(a0.0, a2.0)
    let b1 = interleave(a0.1, a2.1)
    let b2 = interleave(a1.0, a3.0)
    let b3 = interleave(a1.1, a3.1)
    let c0 = interleave(b0.0, b2.0)
    let c1 = interleave(b0.1, b2.1)
    let c2 = interleave(b1.0, b3.0)
    let c3 = interleave(b1.1, b3.1)
    storeRow(c0.0, target)
    storeRow(c0.1, target + targetStride)
    storeRow(c1.0, target + 2 * targetStride)
    storeRow(c1.1, target + 3 * targetStride)
    storeRow(c2.0, target + 4 * targetStride)
    storeRow(c2.1, target + 5 * targetStride)
    storeRow(c3.0, target + 6 * targetStride)
    storeRow(c3.1, target + 7 * targetStride)
  }

  /// The 16 values `x0 y0 x1 y1 …` as two vectors.
  @inline(__always)
  private static func interleave<Word: TileWord>(
    _ x: SIMD8<Word>, _ y: SIMD8<Word>
  ) -> (SIMD8<Word>, SIMD8<Word>) {
    (
      SIMD8(x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3]),
      SIMD8(x[4], y[4], x[5], y[5], x[6], y[6], x[7], y[7])
    )
  }
}
