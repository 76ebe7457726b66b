import TinyTensorShims

/// Depthwise 3×3 convolution with stride 1 or 2, eight channels at a time.
///
/// The nine taps of eight channels stay in registers while a row of outputs is made. Every input is loaded once per output row and
/// goes at once to the (up to three) outputs beside each other that read it, so nine multiply-adds cost three loads. Rows
/// and columns of padding cost nothing.
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
        for channel in Swift.stride(from: 0, to: channels, by: 8) {
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
            window.slide(padding: padding, finish)
          } else {
            window.leap(padding: padding, count: targetWidth, finish)
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
        (loadRow(taps.0 + column * tapStride), loadRow(taps.1 + column * tapStride), loadRow(taps.2 + column * tapStride))
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
    func slide(padding: Int, _ finish: (Int, Vector) -> Void) {
      var (current, next) = (Vector(), Vector())
      for column in 0..<width {
        let pixels = load(column)
        let sum = add(current, pixels, right)
        current = add(next, pixels, middle)
        next = add(Vector(), pixels, left)
        let output = column &+ padding &- 2
        if output >= 0 { finish(output, sum) }
      }
      // Padding on the right adds nothing to what is begun.
      if padding > 0 { finish(width + padding - 2, current) }
      if padding > 1 { finish(width + padding - 1, next) }
    }

    /// Stride 2: output j reads the columns 2j − padding and the two behind; the last one begins output j + 1.
    @inline(__always)
    func leap(padding: Int, count: Int, _ finish: (Int, Vector) -> Void) {
      var current = padding == 0 ? add(Vector(), load(0), left) : Vector()
      for output in 0..<count {
        let column = 2 &* output &- padding &+ 1
        if column >= 0 && column < width { current = add(current, load(column), middle) }
        var next = Vector()
        if column >= -1 && column < width &- 1 {
          let pixels = load(column &+ 1)
          current = add(current, pixels, right)
          next = add(next, pixels, left)
        }
        finish(output, current)
        current = next
      }
    }
  }
}
