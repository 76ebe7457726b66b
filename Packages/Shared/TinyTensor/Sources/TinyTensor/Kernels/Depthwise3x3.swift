import TinyTensorShims

/// Depthwise 3×3 convolution with stride 1 or 2, eight channels at a time.
///
/// The nine taps of eight channels stay in registers while a row of outputs is made. Every input is loaded once per output row and
/// goes at once to the (up to three) outputs beside each other that read it, so nine multiply-adds cost three loads. Rows
/// and columns of padding cost nothing. Wide rows of many channels are cut into strips whose inputs stay in L1 until all channels are
/// done.
struct Depthwise3x3 {
  typealias Vector = SIMD8<Float>

  // The image that is read, and the one that is written.
  let sourceHeight: Int
  let sourceWidth: Int
  let targetHeight: Int
  let targetWidth: Int
  let batch: Int
  let channels: Int
  let stride: Int
  /// 0, 1 or 2: of three rows under an output at least one is real.
  let padding: Int

  /// Whether a geometry, known to be depthwise, is of this kind.
  static func applies(to g: ConvGeometry) -> Bool {
    g.kernelHeight == 3 && g.kernelWidth == 3 && g.dilation == 1 && g.stride <= 2 && g.padding <= 2
  }

  static func forward(_ g: ConvGeometry) -> Depthwise3x3 {
    Depthwise3x3(
      sourceHeight: g.inputHeight, sourceWidth: g.inputWidth, targetHeight: g.outputHeight,
      targetWidth: g.outputWidth, batch: g.batch, channels: g.inputChannels, stride: g.stride, padding: g.padding)
  }

  /// The input gradient at stride 1: the same with the taps in reverse order and the padding that makes the sizes fit.
  static func inputGradient(_ g: ConvGeometry) -> Depthwise3x3 {
    Depthwise3x3(
      sourceHeight: g.outputHeight, sourceWidth: g.outputWidth, targetHeight: g.inputHeight,
      targetWidth: g.inputWidth, batch: g.batch, channels: g.inputChannels, stride: 1, padding: 2 - g.padding)
  }

  /// Outputs of a strip, so that three rows of its inputs take 24 KiB (at least eight, lest the strips' borders cost too much).
  static func stripWidth(channels: Int, stride: Int) -> Int { max(8, 2048 / (channels * stride)) }

  /// Runs with weights `[tap][lanes]`, where `lanes` is the number of channels rounded up to whole vectors.
  func run(
    source: UnsafePointer<Float>, weights: UnsafePointer<Float>, lanes: Int, target: UnsafeMutablePointer<Float>,
    epilogue: Epilogue
  ) {
    let line = sourceWidth * channels
    withScratch(Float.self, count: 3 * lanes) { zeros in
      zeros.update(repeating: 0, count: 3 * lanes)
      DepthwiseKernel.eachLine(batch * targetHeight, size: targetWidth * channels) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: targetHeight)
        let top = row * stride - padding
        let rows = max(0, top)..<min(sourceHeight, top + 3)
        let first = source + image * sourceHeight * line
        // A row of padding has taps of zero and reads a row that counts anyway.
        let pixels = { (tap: Int) in first + (rows.contains(top + tap) ? top + tap : rows.lowerBound) * line }
        let taps = { (tap: Int) in rows.contains(top + tap) ? weights + 3 * tap * lanes : UnsafePointer(zeros) }
        let (p0, p1, p2) = (pixels(0), pixels(1), pixels(2))
        let (w0, w1, w2) = (taps(0), taps(1), taps(2))
        let place = index * targetWidth * channels
        let strip = Self.stripWidth(channels: channels, stride: stride)
        let vectors = (channels + 7) / 8
        for part in 0..<(targetWidth + strip - 1) / strip * vectors {
          let (lower, channel) = (part / vectors * strip, part % vectors * 8)
          let outputs = lower..<min(targetWidth, lower + strip)
          let window = Window(
            (p0 + channel, p1 + channel, p2 + channel), step: channels, width: sourceWidth,
            taps: (w0 + channel, w1 + channel, w2 + channel), tapStride: lanes)
          let bias: Vector =
            epilogue.bias.map { TileStore.loadPart($0 + channel, width: min(8, channels - channel)) } ?? Vector()
          let finish = { (column: Int, sum: Vector) in
            let offset = place &+ column &* channels &+ channel
            var value = sum + bias
            if let residual = epilogue.residual { value += loadRow(residual + offset) }
            if epilogue.relu { value.replace(with: 0, where: value .< 0) }
            TileStore.storeUpTo8(value, target + offset, width: channels &- channel)
          }
          if stride == 1 {
            window.slide(outputs, padding: padding, finish)
          } else {
            window.leap(outputs, padding: padding, finish)
          }
        }
      }
    }
  }

  /// Three rows of inputs and nine taps, for eight channels.
  private struct Window {
    let row0: UnsafePointer<Float>
    let row1: UnsafePointer<Float>
    let row2: UnsafePointer<Float>
    let step: Int
    let width: Int
    /// By column of the kernel, then row.
    let left: (Vector, Vector, Vector)
    let middle: (Vector, Vector, Vector)
    let right: (Vector, Vector, Vector)

    @inline(__always)
    init(
      _ rows: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>), step: Int, width: Int,
      taps: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>), tapStride: Int
    ) {
      (row0, row1, row2) = rows
      self.step = step
      self.width = width
      let tap = { (column: Int) -> (Vector, Vector, Vector) in
        let offset = column * tapStride
        return (loadRow(taps.0 + offset), loadRow(taps.1 + offset), loadRow(taps.2 + offset))
      }
      (left, middle, right) = (tap(0), tap(1), tap(2))
    }

    @inline(__always)
    private func load(_ column: Int) -> (Vector, Vector, Vector) {
      let offset = column &* step
      return (loadRow(row0 + offset), loadRow(row1 + offset), loadRow(row2 + offset))
    }

    @inline(__always)
    private func add(
      _ sum: Vector, _ pixels: (Vector, Vector, Vector), _ taps: (Vector, Vector, Vector)
    ) -> Vector {
      tt_multiply_add(tt_multiply_add(tt_multiply_add(sum, pixels.0, taps.0), pixels.1, taps.1), pixels.2, taps.2)
    }

    /// Stride 1: input column i ends output i + padding − 2, goes on with the next and begins the one after.
    @inline(__always)
    func slide(_ outputs: Range<Int>, padding: Int, _ finish: (Int, Vector) -> Void) {
      let end = min(width, outputs.upperBound - padding + 2)
      var (current, next) = (Vector(), Vector())
      var column = max(0, outputs.lowerBound - padding)
      while column < end {
        let pixels = load(column)
        let sum = add(current, pixels, right)
        current = add(next, pixels, middle)
        next = add(Vector(), pixels, left)
        let output = column &+ padding &- 2
        if output >= outputs.lowerBound { finish(output, sum) }
        column &+= 1
      }
      // Padding on the right adds nothing to what is begun.
      if outputs.contains(end + padding - 2) { finish(end + padding - 2, current) }
      if outputs.contains(end + padding - 1) { finish(end + padding - 1, next) }
    }

    /// Stride 2: output j reads the columns 2j − padding and the two behind; the last one begins output j + 1.
    @inline(__always)
    func leap(_ outputs: Range<Int>, padding: Int, _ finish: (Int, Vector) -> Void) {
      var column = 2 * outputs.lowerBound - padding
      var current = column >= 0 ? add(Vector(), load(column), left) : Vector()
      for output in outputs {
        if column >= -1 && column < width &- 1 { current = add(current, load(column &+ 1), middle) }
        var next = Vector()
        if column < width &- 2 {
          let pixels = load(column &+ 2)
          current = add(current, pixels, right)
          next = add(next, pixels, left)
        }
        finish(output, current)
        current = next
        column &+= 2
      }
    }
  }
}
