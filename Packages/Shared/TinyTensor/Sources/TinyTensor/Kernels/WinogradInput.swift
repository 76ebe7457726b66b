import TinyTensorShims

/// The values `Bᵀ d B` of input tiles at the points of Winograd's transform.
///
/// They are written as 36 matrices `[tile][channel]`, one per point, which the products read like any left operand.
struct WinogradInput {
  private typealias Transform = WinogradTransform

  let grid: WinogradGrid
  let source: UnsafePointer<Float>

  /// Floats of the intermediate result of one tile and eight channels, and of a vector of zeros.
  static var scratchCount: Int { (WinogradTransform.products + 1) * 8 }

  /// Transforms a range of tiles into `target[point · pointStride + tile · channels + channel]`.
  func transform(
    _ tiles: Range<Int>, into target: UnsafeMutablePointer<Float>, pointStride: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = grid.sourceChannels
    let line = grid.sourceWidth * channels
    for (position, index) in tiles.enumerated() {
      let tile = grid.tile(index)
      let row = tile.row - grid.padding
      let column = tile.column - grid.padding
      let image = source + tile.image * grid.sourceHeight * line
      let output = target + position * channels
      prefetch(grid.tile(index + Self.prefetchDistance))
      let side = Transform.inputSide
      if row >= 0 && column >= 0 && row + side <= grid.sourceHeight && column + side <= grid.sourceWidth {
        transformInner(
          image + row * line + column * channels, line: line, into: output, pointStride: pointStride, scratch: scratch)
      } else {
        transformBorder(
          image, row: row, column: column, into: output, pointStride: pointStride, scratch: scratch)
      }
    }
  }

  /// Tiles between the one in work and the one that is asked for.
  private static var prefetchDistance: Int { 3 }

  /// Asks for the four rows and columns that a tile does not share with its predecessors: six short stretches, a row apart, are
  /// a pattern that the processor does not foresee by itself. (Beyond the last image nothing is read, a hint never fails.)
  @inline(__always)
  private func prefetch(_ tile: WinogradGrid.Tile) {
    let line = grid.sourceWidth * grid.sourceChannels
    let pixel = (tile.image * grid.sourceHeight + tile.row) * line + tile.column * grid.sourceChannels
    for row in 0..<4 {
      let start = UnsafeRawPointer(source + (pixel &+ row &* line))
      for offset in stride(from: 0, to: 16 * grid.sourceChannels, by: 64) { tt_prefetch(start + offset) }
    }
  }

  /// A tile inside of the image.
  private func transformInner(
    _ corner: UnsafePointer<Float>, line: Int, into target: UnsafeMutablePointer<Float>, pointStride: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = grid.sourceChannels
    forEachVector { channel in
      for row in 0..<Transform.inputSide {
        let pixels = corner + (row &* line &+ channel)
        Transform.input({ loadRow(pixels + $0 &* channels) }) { storeRow($1, scratch + (row &* 6 &+ $0) &* 8) }
      }
      finish(scratch, into: target + channel, pointStride: pointStride)
    }
  }

  /// A tile that reaches beyond the image, where it reads zeros.
  private func transformBorder(
    _ image: UnsafePointer<Float>, row firstRow: Int, column firstColumn: Int,
    into target: UnsafeMutablePointer<Float>, pointStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = grid.sourceChannels
    let (first, end) = (-firstColumn, grid.sourceWidth - firstColumn)
    let zeros = UnsafePointer(scratch + Self.scratchCount - 8)
    (scratch + Self.scratchCount - 8).update(repeating: 0, count: 8)
    forEachVector { channel in
      for row in 0..<Transform.inputSide {
        let y = firstRow + row
        guard y >= 0 && y < grid.sourceHeight else {
          (scratch + row * 6 * 8).update(repeating: 0, count: 6 * 8)
          continue
        }
        let pixels = image + ((y &* grid.sourceWidth &+ firstColumn) &* channels &+ channel)
        // A choice between addresses rather than values: no branches, and whole vectors.
        Transform.input({ loadRow($0 >= first && $0 < end ? pixels + $0 &* channels : zeros) }) {
          storeRow($1, scratch + (row &* 6 &+ $0) &* 8)
        }
      }
      finish(scratch, into: target + channel, pointStride: pointStride)
    }
  }

  /// The transform along the other dimension.
  @inline(__always)
  private func finish(
    _ rows: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, pointStride: Int
  ) {
    for column in 0..<Transform.inputSide {
      Transform.input({ loadRow(rows + ($0 &* 6 &+ column) &* 8) }) {
        storeRow($1, target + ($0 &* 6 &+ column) &* pointStride)
      }
    }
  }

  /// Calls `body` with the first channel of vectors that cover all channels; the last one overlaps its neighbour rather than reach
  /// into the next pixel, and writes the same values there once more.
  @inline(__always)
  private func forEachVector(_ body: (Int) -> Void) {
    let last = grid.sourceChannels - 8
    var channel = 0
    while channel < last {
      body(channel)
      channel += 8
    }
    body(last)
  }
}
