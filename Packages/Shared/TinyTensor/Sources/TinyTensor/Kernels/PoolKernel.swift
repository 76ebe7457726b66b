/// Max-pooling and its gradient, with channels as the vector axis.
enum PoolKernel {
  typealias Indices = SIMD16<Int32>

  /// The part of the input under one output position, for sixteen channels.
  struct Window {
    /// The first element.
    let corner: UnsafePointer<Float>
    let rows: Int
    let columns: Int
    /// Where the result goes, and how many channels of it exist.
    let target: Int
    let width: Int
    let outputRow: Int
    let outputColumn: Int
  }

  /// Maxima, and the chosen inputs if `indices` is given.
  static func maximum(
    _ x: UnsafePointer<Float>, _ g: PoolGeometry, into y: UnsafeMutablePointer<Float>,
    indices: UnsafeMutablePointer<Int32>?
  ) {
    eachLine(g) { line in
      let rows = g.window(line % g.outputHeight, length: g.height)
      let image = x + line / g.outputHeight * g.imageSize
      for outputColumn in 0..<g.outputWidth {
        let columns = g.window(outputColumn, length: g.width)
        let corner = (rows.lowerBound * g.width + columns.lowerBound) * g.channels
        let target = (line * g.outputWidth + outputColumn) * g.channels
        if rows.count == 2 && columns.count == 2 {
          // The constants unroll the loops of the usual window.
          maximumPixel(image, g, corner: corner, rows: 2, columns: 2, y + target, indices.map { $0 + target })
        } else {
          maximumPixel(
            image, g, corner: corner, rows: rows.count, columns: columns.count, y + target, indices.map { $0 + target })
        }
      }
    }
  }

  /// All channels of one output pixel.
  @inline(__always)
  private static func maximumPixel(
    _ image: UnsafePointer<Float>, _ g: PoolGeometry, corner: Int, rows: Int, columns: Int,
    _ y: UnsafeMutablePointer<Float>, _ indices: UnsafeMutablePointer<Int32>?
  ) {
    for channel in stride(from: 0, to: g.channels, by: 16) {
      let window = image + corner + channel
      let width = g.channels - channel
      guard let indices else {
        var best: Lanes = loadRow(window)
        eachElement(window, g, rows: rows, columns: columns) { value, _ in
          best.replace(with: value, where: wins(value, best))
        }
        TileStore.storeUpTo16(best, y + channel, width: width)
        continue
      }
      let ramp = Indices(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
      var best: Lanes = loadRow(window)
      var chosen = Indices()
      eachElement(window, g, rows: rows, columns: columns) { value, offset in
        let better = wins(value, best)
        best.replace(with: value, where: better)
        chosen.replace(with: Indices(repeating: offset), where: better)
      }
      TileStore.storeUpTo16(best, y + channel, width: width)
      let offsets = ramp &+ chosen &+ Int32(truncatingIfNeeded: corner + channel)
      let bits = UnsafeMutableRawPointer(indices + channel).assumingMemoryBound(to: Float.self)
      TileStore.storeUpTo16(unsafeBitCast(offsets, to: Lanes.self), bits, width: width)
    }
  }

  /// A NaN must not vanish: it wins over numbers, as in PyTorch.
  @inline(__always)
  private static func wins(_ value: Lanes, _ best: Lanes) -> SIMDMask<Indices> {
    (value .> best) .| (value .!= value)
  }

  /// Calls `body(sixteen channels, distance from the corner)` for the pixels under a window in row-major order.
  @inline(__always)
  private static func eachElement(
    _ window: UnsafePointer<Float>, _ g: PoolGeometry, rows: Int, columns: Int, _ body: (Lanes, Int32) -> Void
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        let distance = (row * g.width + column) * g.channels
        body(loadRow(window + distance), Int32(truncatingIfNeeded: distance))
      }
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

  /// Calls `body` for every row of outputs, in parallel.
  @inline(__always)
  private static func eachLine(_ g: PoolGeometry, _ body: (Int) -> Void) {
    let grain = max(1, 8192 / max(1, g.outputWidth * g.channels))
    parallelRanges(g.batch * g.outputHeight, grain: grain, alignment: 1) { lines in
      for line in lines { body(line) }
    }
  }

  /// Calls `body` for every output position and every sixteenth channel, in parallel.
  @inline(__always)
  static func eachWindow(_ x: UnsafePointer<Float>, _ g: PoolGeometry, _ body: (Window) -> Void) {
    eachLine(g) { line in
      let outputRow = line % g.outputHeight
      let rows = g.window(outputRow, length: g.height)
      let image = x + line / g.outputHeight * g.imageSize
      for outputColumn in 0..<g.outputWidth {
        let columns = g.window(outputColumn, length: g.width)
        let corner = (rows.lowerBound * g.width + columns.lowerBound) * g.channels
        let target = (line * g.outputWidth + outputColumn) * g.channels
        for channel in stride(from: 0, to: g.channels, by: 16) {
          body(
            Window(
              corner: image + corner + channel, rows: rows.count, columns: columns.count, target: target + channel,
              width: g.channels - channel, outputRow: outputRow, outputColumn: outputColumn))
        }
      }
    }
  }
}
