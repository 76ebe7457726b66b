/// Crops, mirrors, normalises and cuts one image in one pass from 8-bit samples to floats.
///
/// A sample `v` of channel `c` becomes `v · scale[c] + bias[c]` with `scale = 1 / (255 · std)` and `bias = −mean / std`. Both
/// factors are repeated along a row, so that the inner loop is one multiplication and one addition over contiguous memory,
/// which the compiler turns into vectors; mirrored rows are first reversed into a row-sized buffer.
struct AugmentKernel: Sendable {
  let width: Int
  let height: Int
  let channels: Int
  /// `[width, channels]`
  private let scale: [Float]
  /// `[width, channels]`
  private let bias: [Float]

  init(width: Int, height: Int, channels: Int, normalization: Normalization) {
    precondition(
      normalization.channels == channels,
      "the images have \(channels) channels, the normalisation \(normalization.channels); convert the images with rgb()"
    )
    self.width = width
    self.height = height
    self.channels = channels
    let scales = normalization.std.map { 1 / (255 * $0) }
    let biases = zip(normalization.mean, normalization.std).map { -$0 / $1 }
    scale = (0..<width).flatMap { _ in scales }
    bias = (0..<width).flatMap { _ in biases }
  }

  var scalarsPerImage: Int { width * height * channels }

  /// Writes `[height, width, channels]` floats.
  func apply(_ placement: Placement, to source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>) {
    let rowScalars = width * channels
    scale.withUnsafeBufferPointer { scale in
      bias.withUnsafeBufferPointer { bias in
        // Four bytes more than a row, because reversing writes whole words.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rowScalars + 4) { scratch in
          guard let scale = scale.baseAddress, let bias = bias.baseAddress, let scratch = scratch.baseAddress else {
            return
          }
          let row = Row(
            width: width, channels: channels, placement: placement, scale: scale, bias: bias, scratch: scratch)
          for y in 0..<height {
            let line = target + y * rowScalars
            if let index = Self.sourceIndex(y + placement.dy, limit: height, padding: placement.padding) {
              row.write(source + index * rowScalars, into: line)
            } else {
              line.update(from: bias, count: rowScalars)
            }
          }
        }
      }
    }
    guard !placement.cutColumns.isEmpty else { return }
    for y in placement.cutRows {
      let start = target + (y * width + placement.cutColumns.lowerBound) * channels
      start.update(repeating: 0, count: placement.cutColumns.count * channels)
    }
  }

  /// The source row or column for a position that may lie beyond the edge; `nil` means black.
  private static func sourceIndex(_ position: Int, limit: Int, padding: Augmentation.Padding) -> Int? {
    if position >= 0 && position < limit { return position }
    guard padding == .reflect else { return nil }
    // Reflection without repeating the edge has the period 2 · (limit − 1).
    let period = max(2 * (limit - 1), 1)
    let folded = ((position % period) + period) % period
    return min(folded < limit ? folded : period - folded, limit - 1)
  }

  /// Everything that the rows of one image have in common.
  private struct Row {
    let width: Int
    let channels: Int
    let placement: Placement
    let scale: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    let scratch: UnsafeMutablePointer<UInt8>
    /// The columns of the crop, before mirroring, whose source lies inside the image.
    let inside: Range<Int>

    init(
      width: Int, channels: Int, placement: Placement, scale: UnsafePointer<Float>, bias: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<UInt8>
    ) {
      self.width = width
      self.channels = channels
      self.placement = placement
      self.scale = scale
      self.bias = bias
      self.scratch = scratch
      let start = min(max(-placement.dx, 0), width)
      inside = start..<max(min(width - placement.dx, width), start)
    }

    @inline(__always)
    func write(_ row: UnsafePointer<UInt8>, into line: UnsafeMutablePointer<Float>) {
      for x in 0..<inside.lowerBound { writeEdge(x, row, into: line) }
      for x in inside.upperBound..<width { writeEdge(x, row, into: line) }
      guard !inside.isEmpty else { return }
      let run = row + (inside.lowerBound + placement.dx) * channels
      if placement.isMirrored {
        reverse(run)
        normalize(UnsafePointer(scratch), into: line + (width - inside.upperBound) * channels)
      } else {
        normalize(run, into: line + inside.lowerBound * channels)
      }
    }

    @inline(__always)
    private func normalize(_ samples: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>) {
      for index in 0..<inside.count * channels {
        target[index] = Float(samples[index]) * scale[index] + bias[index]
      }
    }

    /// Puts the pixels of the run into the scratch row in reverse order.
    @inline(__always)
    private func reverse(_ run: UnsafePointer<UInt8>) {
      let last = inside.count - 1
      guard channels == 3 else {
        for pixel in 0...last {
          for channel in 0..<channels { scratch[(last - pixel) * channels + channel] = run[pixel * channels + channel] }
        }
        return
      }
      // One word per pixel: the byte too many at the end of a word is overwritten by the next one.
      let source = UnsafeRawPointer(run)
      let target = UnsafeMutableRawPointer(scratch)
      for pixel in 0..<last {
        // A word that begins one byte early stays within the image; all but the first pixel have that byte.
        let word = source.loadUnaligned(fromByteOffset: (last - pixel) * 3 - 1, as: UInt32.self) >> 8
        target.storeBytes(of: word, toByteOffset: pixel * 3, as: UInt32.self)
      }
      for channel in 0..<3 { scratch[last * 3 + channel] = run[channel] }
    }

    private func writeEdge(_ x: Int, _ row: UnsafePointer<UInt8>, into line: UnsafeMutablePointer<Float>) {
      let target = line + (placement.isMirrored ? width - 1 - x : x) * channels
      let column = AugmentKernel.sourceIndex(x + placement.dx, limit: width, padding: placement.padding)
      for channel in 0..<channels {
        let sample = column.map { Float(row[$0 * channels + channel]) } ?? 0
        target[channel] = sample * scale[channel] + bias[channel]
      }
    }
  }
}
