import TinyTensor

/// Products of a few rows with a small row-major matrix that is in cache: the two products of attention.
///
/// `c[r][j] (+)= Σ_k a[r][k] · b[k][j]`, each element one chain of multiply-adds over k in order, then one addition if it
/// accumulates; independent of how rows are grouped.
enum SmallProduct {
  /// - Parameters:
  ///   - columns: a multiple of 8.
  ///   - accumulate: add to `c` instead of overwriting it.
  @inline(__always)
  static func multiply(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool
  ) {
    var column = 0
    while column + 16 <= columns {
      stripe(
        SIMD16<Float>.self, rows: rows, depth: depth, a: a, aStride: aStride, b: b + column, bStride: bStride,
        c: c + column, cStride: cStride, accumulate: accumulate)
      column += 16
    }
    if column < columns {
      stripe(
        Float8.self, rows: rows, depth: depth, a: a, aStride: aStride, b: b + column, bStride: bStride, c: c + column,
        cStride: cStride, accumulate: accumulate)
    }
  }

  @inline(__always)
  private static func stripe<V: SIMD>(
    _ type: V.Type, rows: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool
  ) where V.Scalar == Float {
    var row = 0
    while row + 6 <= rows {
      six(
        type, depth: depth, a: a + row * aStride, aStride: aStride, b: b, bStride: bStride, c: c + row * cStride,
        cStride: cStride, accumulate: accumulate)
      row += 6
    }
    while row + 3 <= rows {
      three(
        type, depth: depth, a: a + row * aStride, aStride: aStride, b: b, bStride: bStride, c: c + row * cStride,
        cStride: cStride, accumulate: accumulate)
      row += 3
    }
    while row < rows {
      var sum = V.zero
      let left = a + row * aStride
      for k in 0..<depth { sum = multiplyAdd(sum, V(repeating: left[k]), load(b + k * bStride)) }
      finish(sum, c + row * cStride, accumulate)
      row += 1
    }
  }

  @inline(__always)
  private static func six<V: SIMD>(
    _ type: V.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool
  ) where V.Scalar == Float {
    var s0 = V.zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0
    var left = a
    var right = b
    for _ in 0..<depth {
      let line: V = load(right)
      s0 = multiplyAdd(s0, V(repeating: left[0]), line)
      s1 = multiplyAdd(s1, V(repeating: left[aStride]), line)
      s2 = multiplyAdd(s2, V(repeating: left[2 * aStride]), line)
      s3 = multiplyAdd(s3, V(repeating: left[3 * aStride]), line)
      s4 = multiplyAdd(s4, V(repeating: left[4 * aStride]), line)
      s5 = multiplyAdd(s5, V(repeating: left[5 * aStride]), line)
      left += 1
      right += bStride
    }
    finish(s0, c, accumulate)
    finish(s1, c + cStride, accumulate)
    finish(s2, c + 2 * cStride, accumulate)
    finish(s3, c + 3 * cStride, accumulate)
    finish(s4, c + 4 * cStride, accumulate)
    finish(s5, c + 5 * cStride, accumulate)
  }

  @inline(__always)
  private static func three<V: SIMD>(
    _ type: V.Type, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, accumulate: Bool
  ) where V.Scalar == Float {
    var s0 = V.zero, s1 = s0, s2 = s0
    for k in 0..<depth {
      let line: V = load(b + k * bStride)
      s0 = multiplyAdd(s0, V(repeating: a[k]), line)
      s1 = multiplyAdd(s1, V(repeating: a[aStride + k]), line)
      s2 = multiplyAdd(s2, V(repeating: a[2 * aStride + k]), line)
    }
    finish(s0, c, accumulate)
    finish(s1, c + cStride, accumulate)
    finish(s2, c + 2 * cStride, accumulate)
  }

  @inline(__always)
  private static func load<V: SIMD>(_ pointer: UnsafePointer<Float>) -> V where V.Scalar == Float {
    UnsafeRawPointer(pointer).loadUnaligned(as: V.self)
  }

  @inline(__always)
  private static func finish<V: SIMD>(
    _ value: V, _ pointer: UnsafeMutablePointer<Float>, _ accumulate: Bool
  ) where V.Scalar == Float {
    let total = accumulate ? load(UnsafePointer(pointer)) + value : value
    UnsafeMutableRawPointer(pointer).storeBytes(of: total, as: V.self)
  }
}
