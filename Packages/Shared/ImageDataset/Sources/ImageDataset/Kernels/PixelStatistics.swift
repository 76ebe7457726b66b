import TinyTensor

/// Exact means and standard deviations of 8-bit samples: integer sums, one division at the end.
enum PixelStatistics {
  static func normalization(of storage: PixelStorage, channels: Int) -> Normalization {
    let pixels = storage.count / channels
    guard pixels > 0 else {
      return Normalization(mean: [Float](repeating: 0, count: channels), std: [Float](repeating: 1, count: channels))
    }
    let histogram = histogram(of: storage.bytes, channels: channels)
    var mean: [Float] = []
    var std: [Float] = []
    for channel in 0..<channels {
      var sum = 0.0
      var squares = 0.0
      for level in 0..<256 {
        let count = Double(histogram[channel * 256 + level])
        sum += count * Double(level)
        squares += count * Double(level * level)
      }
      let average = sum / Double(pixels)
      let variance = max(squares / Double(pixels) - average * average, 0)
      mean.append(Float(average / 255))
      // A constant channel has no scale of its own.
      std.append(variance > 0 ? Float(variance.squareRoot() / 255) : 1)
    }
    return Normalization(mean: mean, std: std)
  }

  /// How often each level occurs in each channel: `[channels, 256]`.
  private static func histogram(of bytes: UnsafeBufferPointer<UInt8>, channels: Int) -> [Int] {
    guard let base = bytes.baseAddress else { return [] }
    let parts = 8
    let pixels = bytes.count / channels
    var counts = [Int](repeating: 0, count: parts * channels * 256)
    counts.withUnsafeMutableBufferPointer { counts in
      guard let all = counts.baseAddress else { return }
      parallelFor(parts) { part in
        let own = all + part * channels * 256
        for pixel in (part * pixels / parts)..<((part + 1) * pixels / parts) {
          for channel in 0..<channels { own[channel * 256 + Int(base[pixel * channels + channel])] += 1 }
        }
      }
    }
    return (0..<channels * 256).map { index in
      (0..<parts).reduce(0) { $0 + counts[$1 * channels * 256 + index] }
    }
  }
}
