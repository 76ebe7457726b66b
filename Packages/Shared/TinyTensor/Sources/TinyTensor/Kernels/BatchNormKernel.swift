/// Batch normalisation over a row-major `[rows, channels]` matrix.
enum BatchNormKernel {
  typealias Vector = SIMD8<Float>

  /// Per-channel mean and biased variance in one pass over memory: blocks that fit L1 are summed twice (mean, then squared
  /// deviations) and merged in `Double` by the formula of Chan, Golub & LeVeque (1979); chunks are merged in order.
  static func statistics(
    _ x: UnsafePointer<Float>, rows: Int, channels: Int, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>
  ) {
    let pattern = ChannelPattern(channels: channels)
    withScratch(Double.self, count: 2 * ReductionChunks.count * channels) { partial in
      parallelFor(ReductionChunks.count) { chunk in
        chunkMoments(
          x, ReductionChunks.range(chunk, of: rows), pattern, means: partial + 2 * chunk * channels,
          squares: partial + (2 * chunk + 1) * channels)
      }
      var seen = 0
      for chunk in 0..<ReductionChunks.count {
        let count = ReductionChunks.range(chunk, of: rows).count
        guard count > 0 else { continue }
        if seen > 0 {
          merge(
            into: partial, partial + channels, count: seen, partial + 2 * chunk * channels,
            partial + (2 * chunk + 1) * channels, count: count, channels: channels)
        } else if chunk > 0 {
          partial.update(from: partial + 2 * chunk * channels, count: 2 * channels)
        }
        seen += count
      }
      for channel in 0..<channels {
        mean[channel] = Float(partial[channel])
        variance[channel] = Float(partial[channels + channel] / Double(rows))
      }
    }
  }

  /// Mean and sum of squared deviations of every channel over some rows.
  private static func chunkMoments(
    _ x: UnsafePointer<Float>, _ rows: Range<Int>, _ pattern: ChannelPattern, means: UnsafeMutablePointer<Double>,
    squares: UnsafeMutablePointer<Double>
  ) {
    let channels = pattern.channels
    means.update(repeating: 0, count: channels)
    squares.update(repeating: 0, count: channels)
    withScratch(Double.self, count: 2 * channels) { block in
      withScratch(Float.self, count: 2 * pattern.period) { lanes in
        let center = lanes + pattern.period
        var row = rows.lowerBound
        while row < rows.upperBound {
          let count = min(pattern.rowsPerSumBlock, rows.upperBound - row)
          let data = x + row * channels
          LaneSums.sum(pattern, rows: count, lanes: lanes) { offset, _ in loadRow(data + offset) }
          LaneSums.fold(pattern, lanes: lanes, into: block)
          for channel in 0..<channels { block[channel] /= Double(count) }
          pattern.fill(center) { Float(block[$0]) }
          // Deviations are taken from the rounded mean; Σ (x − c)² = Σ (x − mean)² + n · (mean − c)² corrects for that.
          let rest = block + channels
          for channel in 0..<channels {
            let rounding = block[channel] - Double(center[channel])
            rest[channel] = -Double(count) * rounding * rounding
          }
          LaneSums.sum(pattern, rows: count, lanes: lanes) { offset, lane in
            let difference: Vector = loadRow(data + offset) - loadRow(center + lane)
            return difference * difference
          }
          LaneSums.fold(pattern, lanes: lanes, adding: rest)
          merge(
            into: means, squares, count: row - rows.lowerBound, block, rest, count: count, channels: channels)
          row += count
        }
      }
    }
  }

  /// Merges the moments of `count` further rows into those of `seen` rows.
  private static func merge(
    into means: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>, count seen: Int,
    _ otherMeans: UnsafePointer<Double>, _ otherSquares: UnsafePointer<Double>, count: Int, channels: Int
  ) {
    let weight = Double(count) / Double(seen + count)
    let product = Double(seen) * weight
    for channel in 0..<channels {
      let difference = otherMeans[channel] - means[channel]
      means[channel] += difference * weight
      squares[channel] += otherSquares[channel] + difference * difference * product
    }
  }

  /// `activation(x · scale + shift + residual)`, scale and shift repeated over one period of the pattern.
  static func apply(
    _ activation: FusedActivation, _ x: UnsafePointer<Float>, rows: Int, _ pattern: ChannelPattern,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>
  ) {
    switch activation {
    case .identity:
      apply(IdentityFunction.self, x, rows: rows, pattern, scale: scale, shift: shift, residual: residual, into: y)
    case .relu:
      apply(RectifierFunction.self, x, rows: rows, pattern, scale: scale, shift: shift, residual: residual, into: y)
    case .gelu:
      apply(GaussianErrorUnit.self, x, rows: rows, pattern, scale: scale, shift: shift, residual: residual, into: y)
    }
  }

  private static func apply<Function: ActivationFunction>(
    _ function: Function.Type, _ x: UnsafePointer<Float>, rows: Int, _ pattern: ChannelPattern,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>
  ) {
    let streaming = VectorLoop.streams(count: rows * pattern.channels)
    pattern.forEachBlock(rows: rows) { start, width in
      // The choice is made outside of the loops, which then hold no branch.
      if let residual {
        VectorLoop.run(start, width, into: y, streaming: streaming) { offset, lane in
          Function.value(
            BatchNormAffine.value(x, offset, scale: scale, shift: shift, lane: lane, residual: residual))
        }
      } else {
        VectorLoop.run(start, width, into: y, streaming: streaming) { offset, lane in
          Function.value(BatchNormAffine.value(x, offset, scale: scale, shift: shift, lane: lane, residual: nil))
        }
      }
    }
  }
}
