/// The gradients `A ∂y Aᵀ` of the products at the points of Winograd's transform, from those of the outputs.
///
/// They are written as 36 panels `[tile][panel lane]`, one per point, which the products read like any right operand.
struct WinogradOutputGradient {
  private typealias Transform = WinogradTransform

  let grid: WinogradGrid
  let gradient: UnsafePointer<Float>

  /// Floats of the intermediate result of one tile and eight channels, and of a vector of zeros.
  static var scratchCount: Int { (WinogradTransform.outputSide * WinogradTransform.inputSide + 1) * 8 }

  /// Transforms the channels `channel ..< channel + panelWidth` of a range of tiles into
  /// `target[point · pointStride + tile · panelWidth + lane]`. Lanes beyond the last channel hold values that nobody uses.
  func transform(
    _ tiles: Range<Int>, channel: Int, panelWidth: Int, into target: UnsafeMutablePointer<Float>, pointStride: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = grid.targetChannels
    let zeros = UnsafePointer(scratch + Self.scratchCount - 8)
    (scratch + Self.scratchCount - 8).update(repeating: 0, count: 8)
    for (position, index) in tiles.enumerated() {
      let tile = grid.tile(index)
      let pixel = (tile.image * grid.targetHeight + tile.row) * grid.targetWidth + tile.column
      let rows = min(Transform.outputSide, grid.targetHeight - tile.row)
      let columns = min(Transform.outputSide, grid.targetWidth - tile.column)
      for lane in stride(from: 0, to: panelWidth, by: 8) {
        let corner = gradient + (pixel &* channels &+ channel &+ lane)
        for row in 0..<Transform.outputSide {
          let pixels = corner + row &* grid.targetWidth &* channels
          let end = row < rows ? columns : 0
          Transform.outputGradient({ loadRow($0 < end ? pixels + $0 &* channels : zeros) }) {
            storeRow($1, scratch + (row &* 6 &+ $0) &* 8)
          }
        }
        let output = target + (position &* panelWidth &+ lane)
        for column in 0..<Transform.inputSide {
          Transform.outputGradient({ loadRow(scratch + ($0 &* 6 &+ column) &* 8) }) {
            storeRow($1, output + ($0 &* 6 &+ column) &* pointStride)
          }
        }
      }
    }
  }
}
