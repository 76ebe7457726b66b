import TinyTensor

/// Loops over the rows (all but the last dimension) of tensors, and sums and products of single rows.
///
/// Row sums accumulate in eight lanes in a fixed order: a row's result depends on the row alone.
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

  @inline(__always)
  static func sum(_ x: UnsafePointer<Float>, _ count: Int, _ term: (Lanes) -> Lanes = { $0 }) -> Float {
    var total = Lanes()
    var index = 0
    while index + 8 <= count {
      total += term(x.lanes(index))
      index += 8
    }
    if index < count {
      // The filler repeats a real element and its terms are dropped, so that `term` may be any function.
      let rest = count - index
      let terms = term(x.partialLanes(index, count: rest, filler: x[index]))
      for lane in 0..<rest { total[lane] += terms[lane] }
    }
    return total.sum()
  }

  @inline(__always)
  static func sum(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int, _ term: (Lanes, Lanes) -> Lanes
  ) -> Float {
    var total = Lanes()
    var index = 0
    while index + 8 <= count {
      total += term(x.lanes(index), y.lanes(index))
      index += 8
    }
    if index < count {
      let rest = count - index
      let terms = term(
        x.partialLanes(index, count: rest, filler: x[index]), y.partialLanes(index, count: rest, filler: y[index]))
      for lane in 0..<rest { total[lane] += terms[lane] }
    }
    return total.sum()
  }

  @inline(__always)
  static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var best = -Float.infinity
    for index in 0..<count { best = x[index] > best ? x[index] : best }
    return best
  }

  /// `y[i] = term(x[i])` for one row.
  @inline(__always)
  static func map(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ term: (Lanes) -> Lanes
  ) {
    var index = 0
    while index + 8 <= count {
      y.store(term(x.lanes(index)), at: index)
      index += 8
    }
    if index < count {
      y.store(term(x.partialLanes(index, count: count - index)), at: index, count: count - index)
    }
  }
}
