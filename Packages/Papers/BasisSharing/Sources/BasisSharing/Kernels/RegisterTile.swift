import BasisSharingShims

/// Four rows times three vectors of sums in registers: the inner step of the Grams, in floats, and of the products in doubles.
///
/// Both operands are packed: the right one in panels of ``columns`` neighbours per step of the inner dimension, the left one in panels of any width, of
/// which the tile reads four neighbours. Twelve sums, three vectors and a factor fill the 16 registers of AVX2.
enum RegisterTile<Vector: SIMD> where Vector.Scalar: BinaryFloatingPoint {
  typealias Scalar = Vector.Scalar

  /// Rows of the tile.
  @inline(__always) static var rows: Int { 4 }
  /// Columns of the tile, and the width of the panels of the right operand.
  @inline(__always) static var columns: Int { 3 * Vector.scalarCount }

  /// Hands `body` the sums Σ left[step][row] · right[step][column] over the steps, row by row.
  ///
  /// - Parameters:
  ///   - left: The first of four neighbours.
  ///   - leftStride: From one step of the left operand to the next.
  ///   - right: A panel of `steps` times ``columns`` numbers.
  @inline(__always)
  static func multiply(
    _ left: UnsafePointer<Scalar>, leftStride: Int, _ right: UnsafePointer<Scalar>, steps: Int,
    _ body: (UnsafePointer<Scalar>) -> Void
  ) {
    var r00 = Vector(), r01 = Vector(), r02 = Vector()
    var r10 = Vector(), r11 = Vector(), r12 = Vector()
    var r20 = Vector(), r21 = Vector(), r22 = Vector()
    var r30 = Vector(), r31 = Vector(), r32 = Vector()
    var a = left
    var b = right
    for _ in 0..<steps {
      let b0 = load(b), b1 = load(b + Vector.scalarCount), b2 = load(b + 2 * Vector.scalarCount)
      let a0 = Vector(repeating: a[0])
      r00 = multiplyAdd(r00, a0, b0)
      r01 = multiplyAdd(r01, a0, b1)
      r02 = multiplyAdd(r02, a0, b2)
      let a1 = Vector(repeating: a[1])
      r10 = multiplyAdd(r10, a1, b0)
      r11 = multiplyAdd(r11, a1, b1)
      r12 = multiplyAdd(r12, a1, b2)
      let a2 = Vector(repeating: a[2])
      r20 = multiplyAdd(r20, a2, b0)
      r21 = multiplyAdd(r21, a2, b1)
      r22 = multiplyAdd(r22, a2, b2)
      let a3 = Vector(repeating: a[3])
      r30 = multiplyAdd(r30, a3, b0)
      r31 = multiplyAdd(r31, a3, b1)
      r32 = multiplyAdd(r32, a3, b2)
      a += leftStride
      b += columns
    }
    withUnsafeTemporaryAllocation(of: Vector.self, capacity: 12) { tile in
      (tile[0], tile[1], tile[2]) = (r00, r01, r02)
      (tile[3], tile[4], tile[5]) = (r10, r11, r12)
      (tile[6], tile[7], tile[8]) = (r20, r21, r22)
      (tile[9], tile[10], tile[11]) = (r30, r31, r32)
      tile.withMemoryRebound(to: Scalar.self) { sums in
        if let sums = sums.baseAddress { body(sums) }
      }
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Scalar>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  /// `c + a · b`, fused where the target has the instruction.
  @inline(__always)
  private static func multiplyAdd(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
    BS_HAS_FMA == 1 ? c.addingProduct(a, b) : c + a * b
  }
}
