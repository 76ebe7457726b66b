/// Max-pooling and its gradient, with channels as the vector axis.
enum PoolKernel {
  typealias Vector = SIMD8<Float>
  typealias Indices = SIMD8<Int32>

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
    eachLine(g.batch * g.outputHeight, size: g.outputWidth * g.channels) { line in
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
    for channel in stride(from: 0, to: g.channels, by: 8) {
      let window = image + corner + channel
      let width = g.channels - channel
      var best: Vector = loadRow(window)
      guard let indices else {
        eachElement(window, g, rows: rows, columns: columns) { value, _ in
          best.replace(with: value, where: wins(value, best))
        }
        TileStore.storeUpTo8(best, y + channel, width: width)
        continue
      }
      var chosen = Indices()
      eachElement(window, g, rows: rows, columns: columns) { value, distance in
        let better = wins(value, best)
        best.replace(with: value, where: better)
        chosen.replace(with: distance, where: better)
      }
      TileStore.storeUpTo8(best, y + channel, width: width)
      let offsets = chosen &+ ramp(from: corner + channel)
      let bits = UnsafeMutableRawPointer(indices + channel).assumingMemoryBound(to: Float.self)
      TileStore.storeUpTo8(unsafeBitCast(offsets, to: Vector.self), bits, width: width)
    }
  }

  /// A NaN must not vanish: it wins over numbers, as in PyTorch.
  @inline(__always)
  private static func wins(_ value: Vector, _ best: Vector) -> SIMDMask<Indices> {
    (value .> best) .| (value .!= value)
  }

  /// Eight consecutive offsets.
  @inline(__always)
  private static func ramp(from start: Int) -> Indices {
    Indices(0, 1, 2, 3, 4, 5, 6, 7) &+ Int32(truncatingIfNeeded: start)
  }

  /// Calls `body(eight channels, distance from the corner)` for the pixels under a window in row-major order.
  @inline(__always)
  private static func eachElement(
    _ window: UnsafePointer<Float>, _ g: PoolGeometry, rows: Int, columns: Int, _ body: (Vector, Indices) -> Void
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        let distance = (row &* g.width &+ column) &* g.channels
        body(loadRow(window + distance), Indices(repeating: Int32(truncatingIfNeeded: distance)))
      }
    }
  }

  /// Gathers, for every input, the gradients of those outputs under whose window it was chosen, in their order: every element is
  /// written once, by one thread.
  static func maximumGradient(
    _ dy: UnsafePointer<Float>, indices: UnsafePointer<Int32>, _ g: PoolGeometry, into dx: UnsafeMutablePointer<Float>
  ) {
    let streaming = g.channels % 8 == 0 && VectorLoop.streams(count: g.batch * g.imageSize)
    let columns = (0..<g.width).map { g.outputs(covering: $0, count: g.outputWidth) }
    eachLine(g.batch * g.height, size: g.width * g.channels) { line in
      let (image, row) = line.quotientAndRemainder(dividingBy: g.height)
      let rows = g.outputs(covering: row, count: g.outputHeight)
      for (column, outputColumns) in columns.enumerated() {
        let place = (row * g.width + column) * g.channels
        let target = dx + (image * g.imageSize + place)
        let first = ((image * g.outputHeight + rows.lowerBound) * g.outputWidth + outputColumns.lowerBound) * g.channels
        if rows.count == 1 && outputColumns.count == 1 {
          // Windows side by side: no loops but the one over channels.
          gather(dy + first, indices + first, g, rows: 1, columns: 1, own: place, into: target, streaming: streaming)
        } else {
          gather(
            dy + first, indices + first, g, rows: rows.count, columns: outputColumns.count, own: place, into: target,
            streaming: streaming)
        }
      }
    }
  }

  /// One input's share of the gradients of some outputs, for all channels.
  @inline(__always)
  private static func gather(
    _ dy: UnsafePointer<Float>, _ indices: UnsafePointer<Int32>, _ g: PoolGeometry, rows: Int, columns: Int, own: Int,
    into dx: UnsafeMutablePointer<Float>, streaming: Bool
  ) {
    var channel = 0
    while channel < g.channels {
      let place = ramp(from: own &+ channel)
      var sum = Vector()
      for row in 0..<rows {
        for column in 0..<columns {
          let output = (row &* g.outputWidth &+ column) &* g.channels &+ channel
          let chosen = UnsafeRawPointer(indices + output).loadUnaligned(as: Indices.self)
          sum += Vector().replacing(with: loadRow(dy + output), where: chosen .== place)
        }
      }
      if streaming {
        VectorLoop.store(sum, dx + channel, streaming: true)
      } else {
        TileStore.storeUpTo8(sum, dx + channel, width: g.channels &- channel)
      }
      channel &+= 8
    }
  }

  /// Calls `body` for every line of `size` floats, in parallel.
  @inline(__always)
  private static func eachLine(_ count: Int, size: Int, _ body: (Int) -> Void) {
    parallelRanges(count, grain: max(1, 8192 / max(1, size)), alignment: 1) { lines in
      for line in lines { body(line) }
    }
  }

  /// Calls `body` for every output position and every sixteenth channel, in parallel.
  @inline(__always)
  static func eachWindow(_ x: UnsafePointer<Float>, _ g: PoolGeometry, _ body: (Window) -> Void) {
    eachLine(g.batch * g.outputHeight, size: g.outputWidth * g.channels) { line in
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
