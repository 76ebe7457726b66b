/// Lets kernels treat `[rows, channels]` data as a flat stream of full vectors, whatever the number of channels: per-channel values
/// are repeated to a period that is a multiple of both the channels and the vector, so that 13 channels cost no more than 16.
struct ChannelPattern {
  let channels: Int
  /// Floats after which channels and vectors line up again; at least 64.
  let period: Int

  init(channels: Int) {
    self.channels = channels
    var step = channels
    while step % 16 != 0 { step *= 2 }
    period = step * ((64 + step - 1) / step)
  }

  var rowsPerPeriod: Int { period / channels }

  /// Lends the per-channel values repeated over one period, with slack for a whole vector.
  @inline(__always)
  func withRepeated<R>(_ values: UnsafePointer<Float>, _ body: (UnsafePointer<Float>) -> R) -> R {
    withScratch(Float.self, count: period) { repeated in
      fill(repeated) { values[$0] }
      return body(repeated)
    }
  }

  /// Writes a per-channel value over one period.
  @inline(__always)
  func fill(_ target: UnsafeMutablePointer<Float>, _ value: (Int) -> Float) {
    for channel in 0..<channels {
      let number = value(channel)
      for row in 0..<rowsPerPeriod { target[row * channels + channel] = number }
    }
  }

  /// Calls `body(offset, width)` in parallel for all blocks of one period (the last may be shorter) of a matrix of `rows` rows.
  @inline(__always)
  func forEachBlock(rows: Int, _ body: (Int, Int) -> Void) {
    let count = rows * channels
    let blocks = (count + period - 1) / period
    parallelRanges(blocks, grain: max(1, 16_384 / period), alignment: 1) { range in
      for block in range {
        let offset = block * period
        body(offset, min(period, count - offset))
      }
    }
  }

  /// Splits a chunk of rows into blocks of about 8192 floats (at least 64 periods of wide rows) that start at a row boundary.
  var rowsPerSumBlock: Int { rowsPerPeriod * max(1, max(8192 / period, min(64, 65_536 / period))) }
}
