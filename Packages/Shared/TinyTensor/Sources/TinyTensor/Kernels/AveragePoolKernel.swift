/// Average pooling and its gradient, with channels as the vector axis.
enum AveragePoolKernel {
  static func average(
    _ x: UnsafePointer<Float>, _ g: PoolGeometry, countIncludePad: Bool, into y: UnsafeMutablePointer<Float>
  ) {
    withScales(g, countIncludePad: countIncludePad) { rowScales, columnScales in
      PoolKernel.eachWindow(x, g) { window in
        var sum = Lanes()
        var line = window.corner
        for _ in 0..<window.rows {
          var pixel = line
          for _ in 0..<window.columns {
            sum += loadRow(pixel)
            pixel += g.channels
          }
          line += g.width * g.channels
        }
        let scale = rowScales[window.outputRow] * columnScales[window.outputColumn]
        TileStore.storeUpTo16(sum * scale, y + window.target, width: window.width)
      }
    }
  }

  /// Gathers, for every input, the outputs whose window holds it; no two threads write the same element.
  static func gradient(
    _ dy: UnsafePointer<Float>, _ g: PoolGeometry, countIncludePad: Bool, into dx: UnsafeMutablePointer<Float>
  ) {
    withScales(g, countIncludePad: countIncludePad) { rowScales, columnScales in
      parallelRanges(g.batch * g.height, grain: max(1, 8192 / max(1, g.width * g.channels)), alignment: 1) { lines in
        for line in lines {
          let rows = g.outputs(covering: line % g.height, count: g.outputHeight)
          for column in 0..<g.width {
            let columns = g.outputs(covering: column, count: g.outputWidth)
            let position = (line / g.height * g.outputHeight + rows.lowerBound) * g.outputWidth + columns.lowerBound
            var channel = 0
            while channel < g.channels {
              var sum = Lanes()
              var gradients = dy + position * g.channels + channel
              for row in rows {
                var gradient = gradients
                var rowSum = Lanes()
                for outputColumn in columns {
                  rowSum = multiplyAdd(rowSum, Lanes(repeating: columnScales[outputColumn]), loadRow(gradient))
                  gradient += g.channels
                }
                sum = multiplyAdd(sum, Lanes(repeating: rowScales[row]), rowSum)
                gradients += g.outputWidth * g.channels
              }
              let target = dx + (line * g.width + column) * g.channels + channel
              TileStore.storeUpTo16(sum, target, width: g.channels - channel)
              channel += 16
            }
          }
        }
      }
    }
  }

  /// Lends the reciprocal window sizes by output row and column; their product is the weight of an element.
  @inline(__always)
  private static func withScales(
    _ g: PoolGeometry, countIncludePad: Bool, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    let rows = g.reciprocals(positions: g.outputHeight, length: g.height, countIncludePad: countIncludePad)
    let columns = g.reciprocals(positions: g.outputWidth, length: g.width, countIncludePad: countIncludePad)
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        if let rows = rows.baseAddress, let columns = columns.baseAddress { body(rows, columns) }
      }
    }
  }

  static func globalAverage(
    _ x: UnsafePointer<Float>, batch: Int, pixels: Int, channels: Int, into y: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / Float(pixels)
    parallelFor(batch) { image in
      var channel = 0
      while channel < channels {
        let column = x + image * pixels * channels + channel
        var (first, second) = (Lanes(), Lanes())
        var pixel = 0
        while pixel + 2 <= pixels {
          first += loadRow(column + pixel * channels)
          second += loadRow(column + (pixel + 1) * channels)
          pixel += 2
        }
        if pixel < pixels { first += loadRow(column + pixel * channels) }
        TileStore.storeUpTo16((first + second) * scale, y + image * channels + channel, width: channels - channel)
        channel += 16
      }
    }
  }

  static func globalAverageGradient(
    _ dy: UnsafePointer<Float>, batch: Int, pixels: Int, channels: Int, into dx: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / Float(pixels)
    parallelFor(batch) { image in
      var channel = 0
      while channel < channels {
        let value: Lanes = loadRow(dy + image * channels + channel) * scale
        for pixel in 0..<pixels {
          let target = dx + (image * pixels + pixel) * channels + channel
          TileStore.storeUpTo16(value, target, width: channels - channel)
        }
        channel += 16
      }
    }
  }
}
