/// Column sums of `[rows, channels]` data as sums of vector lanes, folded to channels in `Double`.
enum LaneSums {
  typealias Vector = SIMD8<Float>

  /// Sums `value(offset, lane)` over all vectors of `rows` rows into one period of lanes.
  @inline(__always)
  static func sum(
    _ pattern: ChannelPattern, rows: Int, lanes: UnsafeMutablePointer<Float>, _ value: (Int, Int) -> Vector
  ) {
    let count = rows * pattern.channels
    lanes.update(repeating: 0, count: pattern.period)
    var start = 0
    while start + pattern.period <= count {
      var lane = 0
      while lane < pattern.period {
        let total: Vector = loadRow(lanes + lane) + value(start + lane, lane)
        storeRow(total, lanes + lane)
        lane += 8
      }
      start += pattern.period
    }
    var lane = 0
    while start + lane < count {
      var term = value(start + lane, lane)
      for extra in Swift.min(8, count - start - lane)..<8 { term[extra] = 0 }
      let total: Vector = loadRow(lanes + lane) + term
      storeRow(total, lanes + lane)
      lane += 8
    }
  }

  /// Writes the channel sums of the lanes.
  static func fold(
    _ pattern: ChannelPattern, lanes: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: pattern.channels)
    fold(pattern, lanes: lanes, adding: sums)
  }

  /// Adds the channel sums of the lanes.
  static func fold(
    _ pattern: ChannelPattern, lanes: UnsafePointer<Float>, adding sums: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<pattern.rowsPerPeriod {
      let line = lanes + row * pattern.channels
      for channel in 0..<pattern.channels { sums[channel] += Double(line[channel]) }
    }
  }

  /// Column sums over some rows in `Double`, block by block.
  @inline(__always)
  static func columns(
    _ pattern: ChannelPattern, rows: Range<Int>, into sums: UnsafeMutablePointer<Double>,
    _ value: (Int, Int) -> Vector
  ) {
    sums.update(repeating: 0, count: pattern.channels)
    withScratch(Float.self, count: pattern.period) { lanes in
      var row = rows.lowerBound
      while row < rows.upperBound {
        let count = Swift.min(pattern.rowsPerSumBlock, rows.upperBound - row)
        let base = row * pattern.channels
        sum(pattern, rows: count, lanes: lanes) { offset, lane in value(base + offset, lane) }
        fold(pattern, lanes: lanes, adding: sums)
        row += count
      }
    }
  }

  /// Two column sums over some rows in `Double`, block by block. `value(offset, lane, width)` gives the terms of both sums for
  /// `width` ≤ 8 elements from `offset` on; further lanes are ignored.
  @inline(__always)
  static func pairs(
    _ pattern: ChannelPattern, rows: Range<Int>, into first: UnsafeMutablePointer<Double>,
    _ second: UnsafeMutablePointer<Double>, _ value: (Int, Int, Int) -> (Vector, Vector)
  ) {
    first.update(repeating: 0, count: pattern.channels)
    second.update(repeating: 0, count: pattern.channels)
    withScratch(Float.self, count: 2 * pattern.period) { lanes in
      let others = lanes + pattern.period
      var row = rows.lowerBound
      while row < rows.upperBound {
        let count = Swift.min(pattern.rowsPerSumBlock, rows.upperBound - row)
        lanes.update(repeating: 0, count: 2 * pattern.period)
        var start = row * pattern.channels
        let end = start + count * pattern.channels
        while start < end {
          let width = Swift.min(pattern.period, end - start)
          var lane = 0
          while lane + 8 <= width {
            let (one, other) = value(start + lane, lane, 8)
            storeRow(loadRow(lanes + lane) + one, lanes + lane)
            storeRow(loadRow(others + lane) + other, others + lane)
            lane += 8
          }
          if lane < width {
            let rest = width - lane
            let (one, other) = value(start + lane, lane, rest)
            for extra in 0..<rest {
              lanes[lane + extra] += one[extra]
              others[lane + extra] += other[extra]
            }
          }
          start += pattern.period
        }
        fold(pattern, lanes: lanes, adding: first)
        fold(pattern, lanes: others, adding: second)
        row += count
      }
    }
  }
}
