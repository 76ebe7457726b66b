/// Max-pooling and its gradient, with channels as the vector axis.
enum PoolKernel {
  typealias Indices = SIMD16<Int32>

  /// The part of the input under one output position, for sixteen channels.
  struct Window {
    /// The first element, and its offset inside the image.
    let corner: UnsafePointer<Float>
    let offset: Int
    let rows: Int
    let columns: Int
    /// Where the result goes, and how many channels of it exist.
    let target: Int
    let width: Int
    let outputRow: Int
    let outputColumn: Int
  }

  static func maximum(
    _ x: UnsafePointer<Float>, _ g: PoolGeometry, into y: UnsafeMutablePointer<Float>,
    indices: UnsafeMutablePointer<Int32>
  ) {
    let ramp = Indices(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    eachWindow(x, g) { window in
      var best: Lanes = loadRow(window.corner)
      var first = Int32(truncatingIfNeeded: window.offset)
      var chosen = ramp &+ first
      var line = window.corner
      for _ in 0..<window.rows {
        var pixel = line
        var offset = first
        for _ in 0..<window.columns {
          let value: Lanes = loadRow(pixel)
          // A NaN must not vanish: it wins over numbers, as in PyTorch.
          let wins = (value .> best) .| (value .!= value)
          best.replace(with: value, where: wins)
          chosen.replace(with: ramp &+ offset, where: wins)
          pixel += g.channels
          offset &+= Int32(truncatingIfNeeded: g.channels)
        }
        line += g.width * g.channels
        first &+= Int32(truncatingIfNeeded: g.width * g.channels)
      }
      TileStore.storeUpTo16(best, y + window.target, width: window.width)
      let bits = UnsafeMutableRawPointer(indices + window.target).assumingMemoryBound(to: Float.self)
      TileStore.storeUpTo16(unsafeBitCast(chosen, to: Lanes.self), bits, width: window.width)
    }
  }

  static func maximumGradient(
    _ dy: UnsafePointer<Float>, indices: UnsafePointer<Int32>, batch: Int, outputSize: Int, inputSize: Int,
    into dx: UnsafeMutablePointer<Float>
  ) {
    parallelFor(batch) { image in
      let target = dx + image * inputSize
      target.update(repeating: 0, count: inputSize)
      for position in image * outputSize..<(image + 1) * outputSize { target[Int(indices[position])] += dy[position] }
    }
  }

  /// Calls `body` for every output position and every sixteenth channel, in parallel.
  @inline(__always)
  static func eachWindow(_ x: UnsafePointer<Float>, _ g: PoolGeometry, _ body: (Window) -> Void) {
    parallelRanges(
      g.batch * g.outputHeight, grain: max(1, 8192 / max(1, g.outputWidth * g.channels)), alignment: 1
    ) { lines in
      for line in lines {
        let outputRow = line % g.outputHeight
        let rows = g.window(outputRow, length: g.height)
        let image = x + line / g.outputHeight * g.imageSize
        for outputColumn in 0..<g.outputWidth {
          let columns = g.window(outputColumn, length: g.width)
          let corner = (rows.lowerBound * g.width + columns.lowerBound) * g.channels
          let target = (line * g.outputWidth + outputColumn) * g.channels
          var channel = 0
          while channel < g.channels {
            body(
              Window(
                corner: image + corner + channel, offset: corner + channel, rows: rows.count, columns: columns.count,
                target: target + channel, width: g.channels - channel, outputRow: outputRow,
                outputColumn: outputColumn))
            channel += 16
          }
        }
      }
    }
  }
}
