import TinyTensorShims

/// Fills a stretch of a flat buffer eight elements at a time, with a partial store at the end.
enum VectorLoop {
  typealias Vector = SIMD8<Float>

  /// Whether a result of `count` floats that is written from front to back goes past the caches: it would not stay there until it is
  /// read, and a store past the caches spares the line's way from memory, a third of the traffic of a pass that reads as much
  /// as it writes.
  static func streams(count: Int) -> Bool { count >= 4 << 20 }

  /// `target[start + i…] = body(start + i, i)` for `i` in steps of eight below `width`. Streaming needs `target + start` aligned to
  /// a vector.
  @inline(__always)
  static func run(
    _ start: Int, _ width: Int, into target: UnsafeMutablePointer<Float>, streaming: Bool = false,
    _ body: (Int, Int) -> Vector
  ) {
    var lane = 0
    while lane + 8 <= width {
      store(body(start + lane, lane), target + start + lane, streaming: streaming)
      lane += 8
    }
    if lane < width {
      TileStore.storePart(body(start + lane, lane), target + start + lane, width: width - lane)
    }
  }

  @inline(__always)
  static func store(_ value: Vector, _ target: UnsafeMutablePointer<Float>, streaming: Bool) {
    if streaming { tt_store_streaming(target, value) } else { storeRow(value, target) }
  }
}
