/// A register tile of a matrix product: `rows` rows of accumulators that stay in vector registers while a depth of products is
/// summed into them.
///
/// One kernel serves matrix products (rows at a fixed stride), convolutions (rows are output pixels anywhere in an image) and
/// weight gradients (rows are neighbouring channels, depth runs over pixels). Everything is inlined into the loops that use it.
protocol MicroKernel {
  /// What a lane of the tile does with a word of either operand.
  associatedtype Step: MultiplyAccumulate
  /// One row of the tile; one or more hardware vectors.
  typealias Row = Step.Row
  /// A lane of a row, and the unit in which operands are read.
  typealias Word = Step.Row.Scalar
  /// The accumulators.
  associatedtype Tile
  /// Where the rows of the left operand start.
  associatedtype RowPointers

  /// The number of rows.
  static var rows: Int { get }
  static var zero: Tile { get }
  static func rowPointers(_ base: UnsafePointer<Word>, stride: Int) -> RowPointers
  static func rowPointers(_ base: UnsafePointer<Word>, offsets: UnsafePointer<Int>) -> RowPointers

  /// `tile[r][j] += Σ_k row[r][offset + k · depthStride] · b[k · columns + j]` for `k` in `0..<depth`.
  static func accumulate(
    _ tile: inout Tile, _ rows: RowPointers, offset: Int, depth: Int, depthStride: Int, _ b: UnsafePointer<Word>)

  /// Calls `body` with every row of the tile, unrolled.
  static func forEachRow(_ tile: Tile, _ body: (Int, Row) -> Void)
}

extension MicroKernel {
  /// The number of columns of the tile, and the width of the packed panels it reads.
  @inline(__always) static var columns: Int { Row.scalarCount }
}

/// `c + a · b`, fused where the target has the instruction. Without it `addingProduct` would be a library call per lane.
@inline(__always)
func multiplyAdd<V: SIMD>(_ c: V, _ a: V, _ b: V) -> V where V.Scalar == Float {
  BuildTarget.hasFMA ? c.addingProduct(a, b) : c + a * b
}

@inline(__always)
func loadRow<V: SIMD>(_ pointer: UnsafePointer<V.Scalar>) -> V {
  UnsafeRawPointer(pointer).loadUnaligned(as: V.self)
}

@inline(__always)
func storeRow<V: SIMD>(_ value: V, _ pointer: UnsafeMutablePointer<V.Scalar>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: V.self)
}
