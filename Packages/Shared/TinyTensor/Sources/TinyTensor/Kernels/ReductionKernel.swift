/// Reductions over flat buffers. Each runs over the fixed chunks of `ReductionChunks`; inside a chunk, lanes accumulate in a fixed
/// pattern, so the result is a function of the data alone.
enum ReductionKernel {
  typealias Lanes = SIMD8<Float>
  typealias WideLanes = SIMD8<Double>

  @inline(__always)
  static func lanes(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  /// Below this size one chunk is used and no thread is woken: the choice depends on the data's size only.
  private static let smallCount = 16_384

  @inline(__always)
  private static func chunked<T>(
    _ count: Int, initial: T, combine: (T, T) -> T, _ body: (Range<Int>) -> T
  ) -> T where T: BitwiseCopyable {
    if count <= smallCount { return combine(initial, body(0..<count)) }
    return withScratch(T.self, count: ReductionChunks.count) { partial in
      parallelFor(ReductionChunks.count) { partial[$0] = body(ReductionChunks.range($0, of: count)) }
      var result = initial
      for chunk in 0..<ReductionChunks.count { result = combine(result, partial[chunk]) }
      return result
    }
  }

  /// Sums `term(lanes)` in Double; `tail` handles single elements.
  @inline(__always)
  private static func accumulate(
    _ range: Range<Int>, vector: (Int) -> WideLanes, scalar: (Int) -> Double
  ) -> Double {
    var first = WideLanes()
    var second = WideLanes()
    var index = range.lowerBound
    while index + 16 <= range.upperBound {
      first += vector(index)
      second += vector(index + 8)
      index += 16
    }
    var total = (first + second).sum()
    while index < range.upperBound {
      total += scalar(index)
      index += 1
    }
    return total
  }

  static func serialSum(_ x: UnsafePointer<Float>, count: Int) -> Double {
    accumulate(0..<count, vector: { WideLanes(lanes(x + $0)) }, scalar: { Double(x[$0]) })
  }

  static func sum(_ x: UnsafePointer<Float>, count: Int) -> Double {
    chunked(count, initial: 0, combine: +) { range in
      accumulate(range, vector: { WideLanes(lanes(x + $0)) }, scalar: { Double(x[$0]) })
    }
  }

  static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Double {
    chunked(count, initial: 0, combine: +) { range in
      accumulate(
        range, vector: { WideLanes(lanes(x + $0)) * WideLanes(lanes(y + $0)) },
        scalar: { Double(x[$0]) * Double(y[$0]) })
    }
  }

  static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double { dot(x, x, count: count) }

  static func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    chunked(count, initial: -Float.infinity, combine: { Swift.max($0, $1) }) { range in
      var best = -Float.infinity
      for index in range { best = x[index] > best ? x[index] : best }
      return best
    }
  }

  static func minimum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    chunked(count, initial: Float.infinity, combine: { Swift.min($0, $1) }) { range in
      var best = Float.infinity
      for index in range { best = x[index] < best ? x[index] : best }
      return best
    }
  }

  static func isFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    let exponent: UInt32 = 0x7f80_0000
    let bad = chunked(count, initial: UInt32(0), combine: |) { range in
      var found: UInt32 = 0
      for index in range { found |= x[index].bitPattern & exponent == exponent ? 1 : 0 }
      return found
    }
    return bad == 0
  }

  /// Column sums of a row-major matrix: chunks of rows in Float lanes folded to `Double`, then the chunks in order.
  static func columnSums(_ x: UnsafePointer<Float>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>) {
    guard columns > 0 else { return }
    let pattern = ChannelPattern(channels: columns)
    withScratch(Double.self, count: ReductionChunks.count * columns) { partial in
      parallelFor(ReductionChunks.count) { chunk in
        LaneSums.columns(pattern, rows: ReductionChunks.range(chunk, of: rows), into: partial + chunk * columns) {
          offset, _ in loadRow(x + offset)
        }
      }
      for column in 0..<columns {
        var total = 0.0
        for chunk in 0..<ReductionChunks.count { total += partial[chunk * columns + column] }
        target[column] = Float(total)
      }
    }
  }
}
