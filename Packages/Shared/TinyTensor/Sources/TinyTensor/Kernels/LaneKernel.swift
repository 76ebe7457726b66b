/// Drives lane-wise closures over flat buffers. Loads at the end of a buffer may reach into the pool's slack; stores never do.
enum LaneKernel {
  /// Fills `count` elements in parallel with `body(offset)`.
  @inline(__always)
  static func run(count: Int, into target: UnsafeMutablePointer<Float>, _ body: (Int) -> Lanes) {
    parallelRanges(count) { range in part(range, into: target, body) }
  }

  /// Fills one range of elements.
  @inline(__always)
  static func part(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>, _ body: (Int) -> Lanes) {
    var index = range.lowerBound
    while index + 16 <= range.upperBound {
      storeRow(body(index), target + index)
      index += 16
    }
    if index < range.upperBound { TileStore.storePart(body(index), target + index, width: range.upperBound - index) }
  }
}
