/// The gradient of training-mode batch normalisation over a row-major `[rows, channels]` matrix.
enum BatchNormGradientKernel {
  typealias Vector = SIMD8<Float>

  static func run(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, output: UnsafePointer<Float>?, rows: Int, channels: Int,
    mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
    dweight: UnsafeMutablePointer<Float>, dbias: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0 && channels > 0 else {
      dweight.update(repeating: 0, count: channels)
      dbias.update(repeating: 0, count: channels)
      return
    }
    let pattern = ChannelPattern(channels: channels)
    pattern.withRepeated(mean) { means in
      sums(
        dy, x: x, output: output, rows: rows, pattern, means: means, inverse: inverse, dweight: dweight, dbias: dbias)
      // dx = s · dy − (x − mean) · s · inverse · dweight / n − s · dbias / n with s = weight · inverse.
      withScratch(Float.self, count: 3 * pattern.period) { factors in
        let (first, second, third) = (factors, factors + pattern.period, factors + 2 * pattern.period)
        let scale = { (channel: Int) in (weight?[channel] ?? 1) * inverse[channel] }
        pattern.fill(first, scale)
        pattern.fill(second) { -scale($0) * inverse[$0] * dweight[$0] / Float(rows) }
        pattern.fill(third) { -scale($0) * dbias[$0] / Float(rows) }
        pattern.forEachBlock(rows: rows) { start, width in
          VectorLoop.run(start, width, into: dx) { offset, lane in
            let gradient = masked(dy, output, offset)
            let centered: Vector = loadRow(x + offset) - loadRow(means + lane)
            let rest: Vector = multiplyAdd(loadRow(third + lane), centered, loadRow(second + lane))
            return multiplyAdd(rest, gradient, loadRow(first + lane))
          }
        }
      }
    }
  }

  /// The two sums over the batch, in fixed chunks.
  private static func sums(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, output: UnsafePointer<Float>?, rows: Int,
    _ pattern: ChannelPattern, means: UnsafePointer<Float>, inverse: UnsafePointer<Float>,
    dweight: UnsafeMutablePointer<Float>, dbias: UnsafeMutablePointer<Float>
  ) {
    let channels = pattern.channels
    withScratch(Double.self, count: 2 * ReductionChunks.count * channels) { partial in
      parallelFor(ReductionChunks.count) { chunk in
        chunkSums(
          dy, x: x, output: output, ReductionChunks.range(chunk, of: rows), pattern, means: means,
          gradients: partial + 2 * chunk * channels, products: partial + (2 * chunk + 1) * channels)
      }
      for channel in 0..<channels {
        var gradient = 0.0
        var product = 0.0
        for chunk in 0..<ReductionChunks.count {
          gradient += partial[2 * chunk * channels + channel]
          product += partial[(2 * chunk + 1) * channels + channel]
        }
        dbias[channel] = Float(gradient)
        dweight[channel] = Float(product * Double(inverse[channel]))
      }
    }
  }

  /// Σ dy and Σ dy · (x − mean) over some rows: blocks in Float lanes, folded to `Double`.
  private static func chunkSums(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, output: UnsafePointer<Float>?, _ rows: Range<Int>,
    _ pattern: ChannelPattern, means: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Double>,
    products: UnsafeMutablePointer<Double>
  ) {
    let channels = pattern.channels
    gradients.update(repeating: 0, count: channels)
    products.update(repeating: 0, count: channels)
    withScratch(Float.self, count: 2 * pattern.period) { lanes in
      let productLanes = lanes + pattern.period
      var row = rows.lowerBound
      while row < rows.upperBound {
        let count = min(pattern.rowsPerSumBlock, rows.upperBound - row)
        let base = row * channels
        LaneSums.sum(pattern, rows: count, lanes: lanes) { offset, lane in
          masked(dy, output, base + offset)
        }
        LaneSums.fold(pattern, lanes: lanes, adding: gradients)
        LaneSums.sum(pattern, rows: count, lanes: productLanes) { offset, lane in
          masked(dy, output, base + offset) * (loadRow(x + base + offset) - loadRow(means + lane))
        }
        LaneSums.fold(pattern, lanes: productLanes, adding: products)
        row += count
      }
    }
  }

  /// The gradient behind a fused ReLU: zero where its output is not positive.
  @inline(__always)
  private static func masked(
    _ dy: UnsafePointer<Float>, _ output: UnsafePointer<Float>?, _ offset: Int
  ) -> Vector {
    let gradient: Vector = loadRow(dy + offset)
    guard let output else { return gradient }
    let value: Vector = loadRow(output + offset)
    return Vector(repeating: 0).replacing(with: gradient, where: value .> 0)
  }
}
