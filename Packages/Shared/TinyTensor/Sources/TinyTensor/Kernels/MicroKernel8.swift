/// Eight rows: for convolutions with few output channels, in `SIMD8` rows of AVX2. The eight accumulators just cover the latency of
/// its two multiply-add units; twelve rows would need more pointers than the processor has registers.
enum MicroKernel8<Step: MultiplyAccumulate>: MicroKernel {
  struct Tile {
    var c0 = Row()
    var c1 = Row()
    var c2 = Row()
    var c3 = Row()
    var c4 = Row()
    var c5 = Row()
    var c6 = Row()
    var c7 = Row()
  }

  struct RowPointers {
    let r0: UnsafePointer<Word>
    let r1: UnsafePointer<Word>
    let r2: UnsafePointer<Word>
    let r3: UnsafePointer<Word>
    let r4: UnsafePointer<Word>
    let r5: UnsafePointer<Word>
    let r6: UnsafePointer<Word>
    let r7: UnsafePointer<Word>
  }

  @inline(__always) static var rows: Int { 8 }
  @inline(__always) static var zero: Tile { Tile() }

  @inline(__always)
  static func rowPointers(_ base: UnsafePointer<Word>, stride: Int) -> RowPointers {
    RowPointers(
      r0: base, r1: base + stride, r2: base + 2 * stride, r3: base + 3 * stride, r4: base + 4 * stride,
      r5: base + 5 * stride, r6: base + 6 * stride, r7: base + 7 * stride)
  }

  @inline(__always)
  static func rowPointers(_ base: UnsafePointer<Word>, offsets: UnsafePointer<Int>) -> RowPointers {
    RowPointers(
      r0: base + offsets[0], r1: base + offsets[1], r2: base + offsets[2], r3: base + offsets[3],
      r4: base + offsets[4], r5: base + offsets[5], r6: base + offsets[6], r7: base + offsets[7])
  }

  @inline(__always)
  static func accumulate(
    _ tile: inout Tile, _ rows: RowPointers, offset: Int, depth: Int, depthStride: Int, _ b: UnsafePointer<Word>
  ) {
    var panel = b
    var position = offset
    for _ in 0..<depth {
      let row: Row = loadRow(panel)
      tile.c0 = Step.step(tile.c0, Row(repeating: rows.r0[position]), row)
      tile.c1 = Step.step(tile.c1, Row(repeating: rows.r1[position]), row)
      tile.c2 = Step.step(tile.c2, Row(repeating: rows.r2[position]), row)
      tile.c3 = Step.step(tile.c3, Row(repeating: rows.r3[position]), row)
      tile.c4 = Step.step(tile.c4, Row(repeating: rows.r4[position]), row)
      tile.c5 = Step.step(tile.c5, Row(repeating: rows.r5[position]), row)
      tile.c6 = Step.step(tile.c6, Row(repeating: rows.r6[position]), row)
      tile.c7 = Step.step(tile.c7, Row(repeating: rows.r7[position]), row)
      position += depthStride
      panel += Row.scalarCount
    }
  }

  @inline(__always)
  static func forEachRow(_ tile: Tile, _ body: (Int, Row) -> Void) {
    body(0, tile.c0)
    body(1, tile.c1)
    body(2, tile.c2)
    body(3, tile.c3)
    body(4, tile.c4)
    body(5, tile.c5)
    body(6, tile.c6)
    body(7, tile.c7)
  }
}
