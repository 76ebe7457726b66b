import Foundation

/// Softmax and cross-entropy of single rows, sixteen columns at a time.
enum SoftmaxKernel {
  /// Calls `body` with the offset of each row, in parallel.
  static func eachRow(count: Int, columns: Int, _ body: (Int) -> Void) {
    guard columns > 0 else { return }
    parallelRanges(count / columns, grain: Swift.max(1, 4096 / columns), alignment: 1) { rows in
      for row in rows { body(row * columns) }
    }
  }

  static func softmaxRow(_ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>) {
    let top = maximum(x, count)
    let scale = 1 / exponentials(x, count, minus: top, into: y)
    LaneKernel.part(0..<count, into: y) { loadRow(y + $0) * scale }
  }

  static func logSoftmaxRow(_ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>) {
    let top = maximum(x, count)
    let logSum = log(exponentials(x, count, minus: top, into: y))
    LaneKernel.part(0..<count, into: y) { (loadRow(x + $0) - top) - logSum }
  }

  static func softmaxGradientRow(
    _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, into dx: UnsafeMutablePointer<Float>
  ) {
    let inner = sum(count) { loadRow(dy + $0) * loadRow(y + $0) }
    LaneKernel.part(0..<count, into: dx) { loadRow(y + $0) * (loadRow(dy + $0) - inner) }
  }

  static func logSoftmaxGradientRow(
    _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, into dx: UnsafeMutablePointer<Float>
  ) {
    let total = sum(count) { loadRow(dy + $0) }
    LaneKernel.part(0..<count, into: dx) { loadRow(dy + $0) - VectorMath.exp(loadRow(y + $0)) * total }
  }

  /// Writes the probabilities of a row and returns its loss `−Σ target · log p`.
  static func crossEntropyRow(
    _ x: UnsafePointer<Float>, count: Int, label: Int, smoothing: Float, probabilities: UnsafeMutablePointer<Float>
  ) -> Float {
    let top = maximum(x, count)
    let total = exponentials(x, count, minus: top, into: probabilities)
    let logSum = log(total)
    let scale = 1 / total
    LaneKernel.part(0..<count, into: probabilities) { loadRow(probabilities + $0) * scale }
    let own = (x[label] - top) - logSum
    if smoothing == 0 { return -own }
    let logTotal = sum(count) { (loadRow(x + $0) - top) - logSum }
    return -(1 - smoothing) * own - smoothing / Float(count) * logTotal
  }

  /// Writes `exp(x − shift)` and returns the sum.
  private static func exponentials(
    _ x: UnsafePointer<Float>, _ count: Int, minus shift: Float, into y: UnsafeMutablePointer<Float>
  ) -> Float {
    LaneKernel.part(0..<count, into: y) { VectorMath.exp(loadRow(x + $0) - shift) }
    return sum(count) { loadRow(y + $0) }
  }

  /// Sums lane by lane, then the lanes; the order depends on the row's length alone.
  @inline(__always)
  private static func sum(_ count: Int, _ term: (Int) -> Lanes) -> Float {
    var total = Lanes()
    var column = 0
    while column + 16 <= count {
      total += term(column)
      column += 16
    }
    if column < count {
      var last = term(column)
      for lane in count - column..<16 { last[lane] = 0 }
      total += last
    }
    return total.sum()
  }

  private static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var top = -Float.infinity
    var column = 0
    if count >= 16 {
      var lanes: Lanes = loadRow(x)
      while column + 16 <= count {
        let next: Lanes = loadRow(x + column)
        lanes.replace(with: next, where: next .> lanes)
        column += 16
      }
      for lane in 0..<16 { top = lanes[lane] > top ? lanes[lane] : top }
    }
    while column < count {
      top = x[column] > top ? x[column] : top
      column += 1
    }
    return top
  }
}
