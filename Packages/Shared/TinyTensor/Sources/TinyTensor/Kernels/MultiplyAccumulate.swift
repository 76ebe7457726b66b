import TinyTensorShims

/// A 32-bit lane of a register tile.
protocol TileWord: SIMDScalar, BitwiseCopyable, Numeric, Hashable, Codable {}

extension Float: TileWord {}
extension Int32: TileWord {}

/// The elementary step of a matrix product: what every lane of a register tile adds up per step of the depth.
protocol MultiplyAccumulate {
  /// One row of the tile.
  associatedtype Row: SIMD where Row.Scalar: TileWord

  /// The sums, plus the products of the words of `a` and `b`.
  static func step(_ sum: Row, _ a: Row, _ b: Row) -> Row
  /// Adds finished sums.
  static func add(_ x: Row, _ y: Row) -> Row
}

/// Words are numbers.
enum FloatStep<Row: SIMD>: MultiplyAccumulate where Row.Scalar == Float {
  @inline(__always) static func step(_ sum: Row, _ a: Row, _ b: Row) -> Row { multiplyAdd(sum, a, b) }
  @inline(__always) static func add(_ x: Row, _ y: Row) -> Row { x + y }
}

/// Words are two bfloat16 numbers: `vdpbf16ps`.
enum BFloat16Step: MultiplyAccumulate {
  typealias Row = tt_float_row
  @inline(__always) static func step(_ sum: Row, _ a: Row, _ b: Row) -> Row { tt_dot_bfloat16(sum, a, b) }
  @inline(__always) static func add(_ x: Row, _ y: Row) -> Row { x + y }
}

/// Words are two 16-bit integers: `vpmaddwd`, then an addition.
///
/// (`vpmaddubsw`, which takes twice as many bytes, saturates the sum of two products at 16 bits: wrong from 2 · 127 · 128 on.)
enum Int16PairStep: MultiplyAccumulate {
  typealias Row = tt_int32_row
  @inline(__always) static func step(_ sum: Row, _ a: Row, _ b: Row) -> Row { tt_dot_pairs(sum, a, b) }
  @inline(__always) static func add(_ x: Row, _ y: Row) -> Row { x &+ y }
}

/// Words are four bytes, unsigned on the left and signed on the right: `vpdpbusd`.
enum ByteQuadStep: MultiplyAccumulate {
  typealias Row = tt_int32_row
  @inline(__always) static func step(_ sum: Row, _ a: Row, _ b: Row) -> Row { tt_dot_bytes(sum, a, b) }
  @inline(__always) static func add(_ x: Row, _ y: Row) -> Row { x &+ y }
}
