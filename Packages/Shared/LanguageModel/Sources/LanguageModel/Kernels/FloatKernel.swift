import TinyTensor

/// Products of float tiles with float activations.
///
/// Every output element is one chain of fused multiply-adds over the columns in order, however many rows of activations there
/// are and whichever routine computes it; so results are bit-identical for any grouping of tokens.
///
/// A tile is `columns × stride` floats: 16 outputs per column when unpacked (stride 16).
enum FloatKernel {
  /// Sixteen outputs for six rows of activations.
  @inline(__always)
  static func tileTimesSix(
    _ tile: UnsafePointer<Float>, columns: Int, x: UnsafePointer<Float>, xStride: Int,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    var c0 = SIMD16<Float>.zero, c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0
    var a = x
    var b = UnsafeRawPointer(tile)
    for _ in 0..<columns {
      let row = b.loadUnaligned(as: SIMD16<Float>.self)
      c0 = multiplyAdd(c0, SIMD16(repeating: a[0]), row)
      c1 = multiplyAdd(c1, SIMD16(repeating: a[xStride]), row)
      c2 = multiplyAdd(c2, SIMD16(repeating: a[2 * xStride]), row)
      c3 = multiplyAdd(c3, SIMD16(repeating: a[3 * xStride]), row)
      c4 = multiplyAdd(c4, SIMD16(repeating: a[4 * xStride]), row)
      c5 = multiplyAdd(c5, SIMD16(repeating: a[5 * xStride]), row)
      a += 1
      b += 64
    }
    store(c0, output)
    store(c1, output + outputStride)
    store(c2, output + 2 * outputStride)
    store(c3, output + 3 * outputStride)
    store(c4, output + 4 * outputStride)
    store(c5, output + 5 * outputStride)
  }

  /// Sixteen outputs for one row of activations.
  @inline(__always)
  static func tileTimesOne(
    _ tile: UnsafePointer<Float>, columns: Int, x: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    var sum = SIMD16<Float>.zero
    for column in 0..<columns {
      let row = UnsafeRawPointer(tile + 16 * column).loadUnaligned(as: SIMD16<Float>.self)
      sum = multiplyAdd(sum, SIMD16(repeating: x[column]), row)
    }
    store(sum, output)
  }

  /// Sixty-four outputs (four tiles, `tileStride` floats apart) for one row: enough independent chains to hide latency.
  @inline(__always)
  static func fourTilesTimesOne(
    _ tile: UnsafePointer<Float>, tileStride: Int, columns: Int, x: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    var s0 = SIMD16<Float>.zero, s1 = s0, s2 = s0, s3 = s0
    for column in 0..<columns {
      let source = UnsafeRawPointer(tile + 16 * column)
      let a = SIMD16<Float>(repeating: x[column])
      s0 = multiplyAdd(s0, a, source.loadUnaligned(as: SIMD16<Float>.self))
      s1 = multiplyAdd(s1, a, source.loadUnaligned(fromByteOffset: 4 * tileStride, as: SIMD16<Float>.self))
      s2 = multiplyAdd(s2, a, source.loadUnaligned(fromByteOffset: 8 * tileStride, as: SIMD16<Float>.self))
      s3 = multiplyAdd(s3, a, source.loadUnaligned(fromByteOffset: 12 * tileStride, as: SIMD16<Float>.self))
    }
    store(s0, output)
    store(s1, output + 16)
    store(s2, output + 32)
    store(s3, output + 48)
  }

  /// One panel of float weights (8 outputs, stride 8) for one row, read in place.
  @inline(__always)
  static func panelTimesOne(_ panel: UnsafePointer<Float>, columns: Int, x: UnsafePointer<Float>) -> Float8 {
    var sum = Float8.zero
    for column in 0..<columns { sum = multiplyAdd(sum, Float8(repeating: x[column]), load8(panel + 8 * column)) }
    return sum
  }

  @inline(__always)
  static func store(_ value: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD16<Float>.self)
  }
}
