/// The inner loops of a depthwise convolution with 3 × 3 taps, for one vector of channels and a stretch of output columns whose taps
/// all lie inside the image: the nine filter values, or the nine sums of the weight gradient, stay in registers.
struct DepthwiseFilter3<V: SIMD> where V.Scalar == Float {
  /// Floats from one tap of a row to the next, and from one output column's first tap to the next column's.
  let tapStride: Int
  let pixelStride: Int
  /// Floats from one filter tap to the next.
  let filterStride: Int

  /// Three source rows at the first tap of the first column; rows of zeros stand in for padding.
  typealias Rows = (top: UnsafePointer<Float>, middle: UnsafePointer<Float>, bottom: UnsafePointer<Float>)

  /// Calls `store(column, sum)` for every column.
  @inline(__always)
  func forward(_ rows: Rows, filter: UnsafePointer<Float>, columns: Int, _ store: (Int, V) -> Void) {
    let (f0, f1, f2): (V, V, V) = (load(filter, 0), load(filter, 1), load(filter, 2))
    let (f3, f4, f5): (V, V, V) = (load(filter, 3), load(filter, 4), load(filter, 5))
    let (f6, f7, f8): (V, V, V) = (load(filter, 6), load(filter, 7), load(filter, 8))
    var offset = 0
    for column in 0..<columns {
      var sum = multiplyAdd(V(), loadRow(rows.top + offset), f0)
      sum = multiplyAdd(sum, loadRow(rows.top + offset + tapStride), f1)
      sum = multiplyAdd(sum, loadRow(rows.top + offset + 2 * tapStride), f2)
      sum = multiplyAdd(sum, loadRow(rows.middle + offset), f3)
      sum = multiplyAdd(sum, loadRow(rows.middle + offset + tapStride), f4)
      sum = multiplyAdd(sum, loadRow(rows.middle + offset + 2 * tapStride), f5)
      sum = multiplyAdd(sum, loadRow(rows.bottom + offset), f6)
      sum = multiplyAdd(sum, loadRow(rows.bottom + offset + tapStride), f7)
      sum = multiplyAdd(sum, loadRow(rows.bottom + offset + 2 * tapStride), f8)
      store(column, sum)
      offset += pixelStride
    }
  }

  /// Adds the products of the source rows with the gradients of the columns, `gradientStride` floats apart, to the nine sums.
  @inline(__always)
  func weightGradient(
    _ rows: Rows, gradient: UnsafePointer<Float>, gradientStride: Int, columns: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    var (s0, s1, s2): (V, V, V) = (load(sums, 0), load(sums, 1), load(sums, 2))
    var (s3, s4, s5): (V, V, V) = (load(sums, 3), load(sums, 4), load(sums, 5))
    var (s6, s7, s8): (V, V, V) = (load(sums, 6), load(sums, 7), load(sums, 8))
    var offset = 0
    for column in 0..<columns {
      let factor: V = loadRow(gradient + column * gradientStride)
      s0 = multiplyAdd(s0, loadRow(rows.top + offset), factor)
      s1 = multiplyAdd(s1, loadRow(rows.top + offset + tapStride), factor)
      s2 = multiplyAdd(s2, loadRow(rows.top + offset + 2 * tapStride), factor)
      s3 = multiplyAdd(s3, loadRow(rows.middle + offset), factor)
      s4 = multiplyAdd(s4, loadRow(rows.middle + offset + tapStride), factor)
      s5 = multiplyAdd(s5, loadRow(rows.middle + offset + 2 * tapStride), factor)
      s6 = multiplyAdd(s6, loadRow(rows.bottom + offset), factor)
      s7 = multiplyAdd(s7, loadRow(rows.bottom + offset + tapStride), factor)
      s8 = multiplyAdd(s8, loadRow(rows.bottom + offset + 2 * tapStride), factor)
      offset += pixelStride
    }
    store(s0, s1, s2, sums)
    store(s3, s4, s5, sums + 3 * filterStride)
    store(s6, s7, s8, sums + 6 * filterStride)
  }

  @inline(__always)
  private func load(_ base: UnsafePointer<Float>, _ tap: Int) -> V { loadRow(base + tap * filterStride) }

  @inline(__always)
  private func store(_ left: V, _ middle: V, _ right: V, _ base: UnsafeMutablePointer<Float>) {
    storeRow(left, base)
    storeRow(middle, base + filterStride)
    storeRow(right, base + 2 * filterStride)
  }
}
