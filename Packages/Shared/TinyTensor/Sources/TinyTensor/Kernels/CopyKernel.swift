/// Strided copies.
enum CopyKernel {
  /// Copies `count` rows of `length` elements between buffers with different row strides.
  static func copyRows(
    count: Int, length: Int, source: UnsafePointer<Float>, sourceStride: Int, target: UnsafeMutablePointer<Float>,
    targetStride: Int
  ) {
    guard length > 0 else { return }
    parallelRanges(count, grain: max(64, 65_536 / length)) { rows in
      for row in rows { (target + row * targetStride).update(from: source + row * sourceStride, count: length) }
    }
  }

  /// Writes `target` densely with the given shape, reading `source` with one stride per dimension.
  static func permute(
    shape: [Int], sourceStrides: [Int], source: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let rank = shape.count
    let count = shape.reduce(1, *)
    guard count > 0 else { return }
    guard rank >= 2 else {
      let step = sourceStrides.first ?? 1
      for index in 0..<count { target[index] = source[index * step] }
      return
    }
    // The two innermost dimensions are copied in tiles, so that one of read and write is contiguous and both stay in cache.
    let rows = shape[rank - 2]
    let columns = shape[rank - 1]
    let rowStride = sourceStrides[rank - 2]
    let columnStride = sourceStrides[rank - 1]
    let planes = count / (rows * columns)
    let bands = (rows + 31) / 32
    parallelFor(planes * bands) { job in
      let plane = job / bands
      let band = job % bands
      var rest = plane
      var offset = 0
      for axis in stride(from: rank - 3, through: 0, by: -1) {
        offset += rest % shape[axis] * sourceStrides[axis]
        rest /= shape[axis]
      }
      let input = source + offset
      let output = target + plane * rows * columns
      let rowRange = band * 32..<min(rows, band * 32 + 32)
      for columnStart in stride(from: 0, to: columns, by: 32) {
        let columnEnd = min(columns, columnStart + 32)
        for row in rowRange {
          for column in columnStart..<columnEnd {
            output[row * columns + column] = input[row * rowStride + column * columnStride]
          }
        }
      }
    }
  }
}
