import TinyTensor

/// Turns colour planes into interleaved pixels.
enum PlanarKernel {
  /// Interleaves records of `skipping` bytes and three planes of 1024 bytes.
  static func interleave(
    _ records: UnsafeRawBufferPointer, recordBytes: Int, skipping: Int, into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let source = records.baseAddress?.assumingMemoryBound(to: UInt8.self), let target = target.baseAddress else {
      return
    }
    parallelFor(records.count / recordBytes) { index in
      let red = source + index * recordBytes + skipping
      let image = target + index * 3072
      for pixel in 0..<1024 {
        image[3 * pixel] = red[pixel]
        image[3 * pixel + 1] = red[pixel + 1024]
        image[3 * pixel + 2] = red[pixel + 2048]
      }
    }
  }
}
