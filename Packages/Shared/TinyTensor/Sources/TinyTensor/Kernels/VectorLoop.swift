/// Fills a stretch of a flat buffer eight elements at a time, with a partial store at the end.
enum VectorLoop {
  typealias Vector = SIMD8<Float>

  /// `target[start + i…] = body(start + i, i)` for `i` in steps of eight below `width`.
  @inline(__always)
  static func run(
    _ start: Int, _ width: Int, into target: UnsafeMutablePointer<Float>, _ body: (Int, Int) -> Vector
  ) {
    var lane = 0
    while lane + 8 <= width {
      storeRow(body(start + lane, lane), target + start + lane)
      lane += 8
    }
    if lane < width {
      TileStore.storePart(body(start + lane, lane), target + start + lane, width: width - lane)
    }
  }
}
