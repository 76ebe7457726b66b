/// Turns products at the points of Winograd's transform into outputs, `Aᵀ m A`, and finishes them: bias, residual, ReLU.
struct WinogradOutput {
  private typealias Transform = WinogradTransform
  private typealias Vector = WinogradTransform.Vector

  let grid: WinogradGrid
  let target: UnsafeMutablePointer<Float>
  let epilogue: Epilogue

  /// Floats of the intermediate result of one tile and eight channels.
  static var scratchCount: Int { WinogradTransform.outputSide * WinogradTransform.inputSide * 8 }

  /// Reads `products[point · pointStride + tile · panelWidth + lane]` and writes `width` channels from `channel` on.
  func transform(
    _ tiles: Range<Int>, products: UnsafePointer<Float>, pointStride: Int, panelWidth: Int, channel: Int, width: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    for (position, index) in tiles.enumerated() {
      let tile = grid.tile(index)
      let pixel = (tile.image * grid.targetHeight + tile.row) * grid.targetWidth + tile.column
      let offset = pixel * grid.targetChannels + channel
      let rows = min(Transform.outputSide, grid.targetHeight - tile.row)
      let columns = min(Transform.outputSide, grid.targetWidth - tile.column)
      let tileProducts = products + position * panelWidth
      guard width >= 8 else {
        transformPart(
          tileProducts, pointStride: pointStride, offset: offset, channel: channel, width: width, rows: rows,
          columns: columns, scratch: scratch)
        continue
      }
      // The last vector overlaps its neighbour and writes the same values there once more.
      for start in stride(from: 0, to: width, by: 8) {
        let lane = min(start, width - 8)
        transformVector(
          tileProducts + lane, pointStride: pointStride, offset: offset + lane, channel: channel + lane, rows: rows,
          columns: columns, scratch: scratch)
      }
    }
  }

  /// Eight channels of a tile.
  private func transformVector(
    _ products: UnsafePointer<Float>, pointStride: Int, offset: Int, channel: Int, rows: Int, columns: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    begin(products, pointStride: pointStride, scratch: scratch)
    let bias: Vector = epilogue.bias.map { loadRow($0 + channel) } ?? Vector()
    for row in 0..<rows {
      let line = offset + row &* grid.targetWidth &* grid.targetChannels
      Transform.output({ loadRow(scratch + (row &* 6 &+ $0) &* 8) }) { column, sum in
        guard column < columns else { return }
        let place = line &+ column &* grid.targetChannels
        var value = sum + bias
        if let residual = epilogue.residual { value += loadRow(residual + place) }
        storeRow(finished(value), target + place)
      }
    }
  }

  /// A tile's only channels in a panel, fewer than eight.
  private func transformPart(
    _ products: UnsafePointer<Float>, pointStride: Int, offset: Int, channel: Int, width: Int, rows: Int, columns: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    begin(products, pointStride: pointStride, scratch: scratch)
    let bias: Vector = epilogue.bias.map { TileStore.loadPart($0 + channel, width: width) } ?? Vector()
    for row in 0..<rows {
      let line = offset + row &* grid.targetWidth &* grid.targetChannels
      Transform.output({ loadRow(scratch + (row &* 6 &+ $0) &* 8) }) { column, sum in
        guard column < columns else { return }
        let place = line &+ column &* grid.targetChannels
        var value = sum + bias
        if let residual = epilogue.residual { value += TileStore.loadPart(residual + place, width: width) }
        TileStore.storePart(finished(value), target + place, width: width)
      }
    }
  }

  /// The value, or its positive part; a NaN passes. (The generic maximum would be a call per vector.)
  @inline(__always)
  private func finished(_ value: Vector) -> Vector {
    epilogue.relu ? value.replacing(with: Vector(), where: value .< Vector()) : value
  }

  /// The transform along the first dimension.
  @inline(__always)
  private func begin(
    _ products: UnsafePointer<Float>, pointStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<Transform.inputSide {
      Transform.output({ loadRow(products + ($0 &* 6 &+ column) &* pointStride) }) {
        storeRow($1, scratch + ($0 &* 6 &+ column) &* 8)
      }
    }
  }
}
