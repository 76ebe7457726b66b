import TinyTensor

/// Loops over the rows (all but the last dimension) of tensors, and sums and products of single rows.
///
/// Row sums accumulate in sixteen lanes in a fixed order: a row's result depends on the row alone.
enum RowKernel {
  /// Calls `body` with row numbers, in parallel; rows must be independent.
  static func forEachRow(_ rows: Int, width: Int, _ body: (Int) -> Void) {
    parallelRanges(rows, grain: max(1, 8192 / max(1, width))) { range in
      for row in range { body(row) }
    }
  }

  /// Adds a row of the width of the last dimension to every row, in place.
  static func add(_ row: Tensor, to target: inout Tensor) {
    let width = row.count
    guard width > 0 else { return }
    let rows = target.count / width
    target.withUnsafeMutableBufferPointer { buffer in
      row.withUnsafeBufferPointer { source in
        guard let output = buffer.baseAddress, let addend = source.baseAddress else { return }
        forEachRow(rows, width: width) { line in
          let start = output + line * width
          for column in 0..<width { start[column] += addend[column] }
        }
      }
    }
  }

  /// The sum of `term` over a row.
  @inline(__always)
  static func sum(_ x: UnsafePointer<Float>, _ count: Int, _ term: (Lanes) -> Lanes = { $0 }) -> Float {
    sum(count) { term(x.lanes($0)) }
  }

  /// The sum of `term` over the pairs of two rows.
  @inline(__always)
  static func sum(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int, _ term: (Lanes, Lanes) -> Lanes
  ) -> Float {
    sum(count) { term(x.lanes($0), y.lanes($0)) }
  }

  @inline(__always)
  private static func sum(_ count: Int, _ term: (Int) -> Lanes) -> Float {
    var total = Lanes()
    var index = 0
    while index + Lanes.scalarCount <= count {
      total += term(index)
      index += Lanes.scalarCount
    }
    // What lies behind the row is loaded but does not count.
    if index < count { total += term(index).replacing(with: 0, where: laneNumbers .>= Int32(count - index)) }
    return total.sum()
  }

  /// The greatest element of a row; −∞ if it is empty or NaN.
  @inline(__always)
  static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var best = Lanes(repeating: -.infinity)
    var index = 0
    while index < count {
      var next = x.lanes(index)
      if count - index < Lanes.scalarCount {
        next = next.replacing(with: -.infinity, where: laneNumbers .>= Int32(count - index))
      }
      best = best.replacing(with: next, where: next .> best)
      index += Lanes.scalarCount
    }
    return best.max()
  }

  /// `y[i] = term(x[i])` for one row.
  @inline(__always)
  static func map(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ term: (Lanes) -> Lanes
  ) {
    var index = 0
    while index < count {
      y.store(term(x.lanes(index)), at: index, end: count)
      index += Lanes.scalarCount
    }
  }

  private static let laneNumbers = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}
