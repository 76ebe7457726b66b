extension ConvPlan {
  /// A stretch of grid rows (or columns) whose taps inside the image are the same.
  private struct Band {
    var positions: Range<Int>
    let taps: ClosedRange<Int>
  }

  /// The plan as it is cheapest: whole, reading a padded copy of the image, or cut into regions near each border and one inside,
  /// each with those taps alone that read the image.
  ///
  /// In an image of 4 × 4 pixels 31 % of the products of a padded 3 × 3 convolution are with zeros, in one of 2 × 2 pixels 56 %. The
  /// choice depends on shapes alone, never on the thread count.
  func trimmed(tileRows: Int) -> [ConvPlan] {
    guard needsPadding, batch > 0,
      let rowBands = Self.bands(count: rows, first: sourceRow, step: step, size: sourceHeight, taps: taps.map(\.row)),
      let columnBands = Self.bands(
        count: columns, first: sourceColumn, step: step, size: sourceWidth, taps: taps.map(\.column))
    else { return [self] }
    let regions = rowBands.flatMap { row in
      columnBands.map {
        region(rows: row.positions, tapRows: row.taps, columns: $0.positions, tapColumns: $0.taps)
      }
    }
    let trimmedCost = regions.reduce(0) { $0 + $1.cost(tileRows: tileRows) + Self.regionOverhead }
    return trimmedCost * 20 < cost(tileRows: tileRows) * 19 ? regions : [self]
  }

  /// Multiply–accumulates in whose time a further region is set up, its jobs are handed out, and its last tiles run empty.
  private static var regionOverhead: Int { 200_000 }

  /// Multiply–accumulates of full tiles, with the batch in two halves.
  private func cost(tileRows: Int) -> Int {
    let positions = (batch + 1) / 2 * rows * columns
    return 2 * ((positions + tileRows - 1) / tileRows) * tileRows * depth * targetChannels
  }

  /// Cuts one direction of the grid; nil where some position has no tap inside the image.
  private static func bands(count: Int, first: Int, step: Int, size: Int, taps: [Int]) -> [Band]? {
    var bands: [Band] = []
    for position in 0..<count {
      let inside = taps.filter { (0..<size).contains(first + position * step + $0) }
      guard let lowest = inside.min(), let highest = inside.max() else { return nil }
      if let last = bands.last, last.taps == lowest...highest {
        bands[bands.count - 1].positions = last.positions.lowerBound..<position + 1
      } else {
        bands.append(Band(positions: position..<position + 1, taps: lowest...highest))
      }
    }
    return bands
  }
}
