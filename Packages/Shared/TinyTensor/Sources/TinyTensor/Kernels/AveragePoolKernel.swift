/// Average pooling and its gradient, with channels as the vector axis.
enum AveragePoolKernel {
  typealias Vector = SIMD8<Float>

  static func average(
    _ x: UnsafePointer<Float>, _ g: PoolGeometry, countIncludePad: Bool, into y: UnsafeMutablePointer<Float>
  ) {
    PoolKernel.eachPosition(g) { image, rows, columns, position, channel in
      let pixels = x + image * g.imageSize + channel
      var sum = Vector()
      for row in rows {
        for column in columns { sum += loadRow(pixels + (row * g.width + column) * g.channels) }
      }
      let scale = 1 / g.divisor(rows: rows, columns: columns, countIncludePad: countIncludePad)
      store(sum * scale, y + position * g.channels + channel, width: g.channels - channel)
    }
  }

  /// Gathers, for every input, the outputs whose window holds it; no two threads write the same element.
  static func gradient(
    _ dy: UnsafePointer<Float>, _ g: PoolGeometry, countIncludePad: Bool, into dx: UnsafeMutablePointer<Float>
  ) {
    parallelRanges(g.batch * g.height, grain: max(1, 8192 / max(1, g.width * g.channels)), alignment: 1) { lines in
      for line in lines {
        let image = line / g.height
        let outputRows = g.outputs(covering: line % g.height, count: g.outputHeight)
        for column in 0..<g.width {
          let outputColumns = g.outputs(covering: column, count: g.outputWidth)
          var channel = 0
          while channel < g.channels {
            var sum = Vector()
            for row in outputRows {
              let rows = g.window(row, length: g.height)
              for outputColumn in outputColumns {
                let columns = g.window(outputColumn, length: g.width)
                let scale = 1 / g.divisor(rows: rows, columns: columns, countIncludePad: countIncludePad)
                let position = (image * g.outputHeight + row) * g.outputWidth + outputColumn
                sum = multiplyAdd(sum, Vector(repeating: scale), loadRow(dy + position * g.channels + channel))
              }
            }
            store(sum, dx + (line * g.width + column) * g.channels + channel, width: g.channels - channel)
            channel += 8
          }
        }
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
        var (first, second, third, fourth) = (Vector(), Vector(), Vector(), Vector())
        var pixel = 0
        while pixel + 4 <= pixels {
          let line = column + pixel * channels
          first += loadRow(line)
          second += loadRow(line + channels)
          third += loadRow(line + 2 * channels)
          fourth += loadRow(line + 3 * channels)
          pixel += 4
        }
        while pixel < pixels {
          first += loadRow(column + pixel * channels)
          pixel += 1
        }
        let sum = (first + second) + (third + fourth)
        store(sum * scale, y + image * channels + channel, width: channels - channel)
        channel += 8
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
        let value: Vector = loadRow(dy + image * channels + channel) * scale
        for pixel in 0..<pixels {
          store(value, dx + (image * pixels + pixel) * channels + channel, width: channels - channel)
        }
        channel += 8
      }
    }
  }

  /// Stores eight channels, or those that are left.
  @inline(__always)
  private static func store(_ value: Vector, _ target: UnsafeMutablePointer<Float>, width: Int) {
    if width >= 8 { storeRow(value, target) } else { TileStore.storePart(value, target, width: width) }
  }
}
