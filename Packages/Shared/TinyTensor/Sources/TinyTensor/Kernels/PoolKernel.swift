/// Max-pooling and its gradient, with channels as the vector axis.
enum PoolKernel {
  typealias Vector = SIMD8<Float>
  typealias Indices = SIMD8<Int32>

  static func maximum(
    _ x: UnsafePointer<Float>, _ g: PoolGeometry, into y: UnsafeMutablePointer<Float>,
    indices: UnsafeMutablePointer<Int32>
  ) {
    let ramp = Indices(0, 1, 2, 3, 4, 5, 6, 7)
    eachPosition(g) { image, rows, columns, position, channel in
      let pixels = x + image * g.imageSize
      let first = (rows.lowerBound * g.width + columns.lowerBound) * g.channels + channel
      var best: Vector = loadRow(pixels + first)
      var chosen = ramp &+ Int32(truncatingIfNeeded: first)
      for row in rows {
        var offset = (row * g.width + columns.lowerBound) * g.channels + channel
        for _ in columns {
          let value: Vector = loadRow(pixels + offset)
          // A NaN must not vanish: it wins over numbers, as in PyTorch.
          let wins = (value .> best) .| (value .!= value)
          best.replace(with: value, where: wins)
          chosen.replace(with: ramp &+ Int32(truncatingIfNeeded: offset), where: wins)
          offset += g.channels
        }
      }
      let target = position * g.channels + channel
      let width = g.channels - channel
      if width >= 8 {
        storeRow(best, y + target)
        UnsafeMutableRawPointer(indices + target).storeBytes(of: chosen, as: Indices.self)
      } else {
        for lane in 0..<width {
          y[target + lane] = best[lane]
          indices[target + lane] = chosen[lane]
        }
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

  /// Calls `body(image, rows, columns, position, channel)` for every output position and every eighth channel, in parallel.
  @inline(__always)
  static func eachPosition(_ g: PoolGeometry, _ body: (Int, Range<Int>, Range<Int>, Int, Int) -> Void) {
    parallelRanges(
      g.batch * g.outputHeight, grain: max(1, 8192 / max(1, g.outputWidth * g.channels)), alignment: 1
    ) { lines in
      for line in lines {
        let rows = g.window(line % g.outputHeight, length: g.height)
        for column in 0..<g.outputWidth {
          let columns = g.window(column, length: g.width)
          var channel = 0
          while channel < g.channels {
            body(line / g.outputHeight, rows, columns, line * g.outputWidth + column, channel)
            channel += 8
          }
        }
      }
    }
  }
}
