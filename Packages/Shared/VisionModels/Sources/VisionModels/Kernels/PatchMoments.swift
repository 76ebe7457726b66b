import TinyTensor

/// Second moments of image patches, the input of ``Whitening``.
enum PatchMoments {
  /// `mean(p · pᵀ)` over all `kernel`×`kernel` patches `p` of `[n, h, w, c]` images, in the order (channel, row, column).
  ///
  /// Accumulated in Double over a fixed number of image chunks, so that the result does not depend on the threads.
  static func matrix(_ images: Tensor, kernel: Int) -> DoubleMatrix {
    let (height, width, channels) = (images.shape[1], images.shape[2], images.shape[3])
    let size = channels * kernel * kernel
    let offsets = (0..<size).map { index in
      let (channel, tap) = (index / (kernel * kernel), index % (kernel * kernel))
      return (tap / kernel * width + tap % kernel) * channels + channel
    }
    var partial = [Double](repeating: 0, count: ReductionChunks.count * size * size)
    partial.withUnsafeMutableBufferPointer { partial in
      images.withUnsafeBufferPointer { pixels in
        offsets.withUnsafeBufferPointer { offsets in
          guard let sums = partial.baseAddress, let pixels = pixels.baseAddress, let offsets = offsets.baseAddress
          else {
            return
          }
          parallelFor(ReductionChunks.count) { chunk in
            for image in ReductionChunks.range(chunk, of: images.shape[0]) {
              for y in 0...(height - kernel) {
                for x in 0...(width - kernel) {
                  let patch = pixels + ((image * height + y) * width + x) * channels
                  accumulate(patch, offsets, size, into: sums + chunk * size * size)
                }
              }
            }
          }
        }
      }
    }
    let count = Double(images.shape[0] * (height - kernel + 1) * (width - kernel + 1))
    var result = DoubleMatrix(zeros: size, size)
    for row in 0..<size {
      for column in 0...row {
        let sum = (0..<ReductionChunks.count).reduce(0) { $0 + partial[($1 * size + row) * size + column] }
        result[row, column] = sum / count
        result[column, row] = sum / count
      }
    }
    return result
  }

  /// Adds the lower triangle of one patch's outer product.
  @inline(__always)
  private static func accumulate(
    _ patch: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ size: Int, into sums: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<size {
      let value = Double(patch[offsets[row]])
      for column in 0...row { sums[row * size + column] += value * Double(patch[offsets[column]]) }
    }
  }
}
