import TinyTensorShims

/// The gradients of a depthwise 3×3 convolution that are no such convolution themselves: of the input at stride 2, and of the weight.
struct Depthwise3x3Gradient {
  typealias Vector = SIMD8<Float>

  private let g: ConvGeometry

  /// For geometries to which ``Depthwise3x3`` applies.
  init(_ geometry: ConvGeometry) { g = geometry }

  private var channels: Int { g.inputChannels }
  private var inputLine: Int { g.inputWidth * channels }
  private var outputLine: Int { g.outputWidth * channels }

  // MARK: Input

  /// The input gradient at stride 2. An even position of the padded input is read by two outputs, through the outer taps; an odd one
  /// by one output, through the middle tap.
  func inputOfStride2(
    outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, lanes: Int,
    target: UnsafeMutablePointer<Float>
  ) {
    withScratch(Float.self, count: 3 * lanes) { zeros in
      zeros.update(repeating: 0, count: 3 * lanes)
      DepthwiseKernel.eachLine(g.batch * g.inputHeight, size: inputLine) { index in
        let (image, inputRow) = index.quotientAndRemainder(dividingBy: g.inputHeight)
        let (half, phase) = (inputRow + g.padding).quotientAndRemainder(dividingBy: 2)
        let gradients = outputGradient + image * g.outputHeight * outputLine
        // Up to two rows of outputs. One that does not exist has taps of zero, and reads a row that counts anyway if there is one.
        let row = { (output: Int, tap: Int) -> (pixels: UnsafePointer<Float>, taps: UnsafePointer<Float>) in
          let exists = output >= 0 && output < g.outputHeight && tap < 3
          let real = min(max(tap < 3 ? output : half, 0), g.outputHeight - 1)
          return (gradients + real * outputLine, exists ? weights + 3 * tap * lanes : UnsafePointer(zeros))
        }
        let rows = (row(half, phase), row(half - 1, phase + 2))
        for channel in stride(from: 0, to: channels, by: 8) {
          inputLine(
            (rows.0.pixels + channel, rows.1.pixels + channel), (rows.0.taps + channel, rows.1.taps + channel),
            tapStride: lanes, into: target + index * inputLine + channel, width: channels - channel)
        }
      }
    }
  }

  /// One row of inputs for eight channels.
  @inline(__always)
  private func inputLine(
    _ rows: (UnsafePointer<Float>, UnsafePointer<Float>), _ taps: (UnsafePointer<Float>, UnsafePointer<Float>),
    tapStride: Int, into target: UnsafeMutablePointer<Float>, width: Int
  ) {
    let tap = { (column: Int) -> (Vector, Vector) in
      (loadRow(taps.0 + column * tapStride), loadRow(taps.1 + column * tapStride))
    }
    let (left, middle, right) = (tap(0), tap(1), tap(2))
    let store = { (column: Int, sum: Vector) in
      if column >= 0 && column < g.inputWidth {
        TileStore.storeUpTo8(sum, target + column &* channels, width: width)
      }
    }
    let product = { (sum: Vector, pixels: (Vector, Vector), taps: (Vector, Vector)) in
      tt_multiply_add(tt_multiply_add(sum, pixels.0, taps.0), pixels.1, taps.1)
    }
    var begun = Vector()
    for output in 0..<g.outputWidth {
      let offset = output &* channels
      let pixels: (Vector, Vector) = (loadRow(rows.0 + offset), loadRow(rows.1 + offset))
      let column = 2 &* output &- g.padding
      store(column, product(begun, pixels, left))
      store(column &+ 1, product(Vector(), pixels, middle))
      begun = product(Vector(), pixels, right)
    }
    // What lies behind the last output's first two taps.
    let last = 2 * g.outputWidth - g.padding
    store(last, begun)
    if last + 1 < g.inputWidth { store(last + 1, Vector()) }
  }

  // MARK: Weight

  /// Adds the products of one row of output gradients with the inputs under it to the sums `[tap][lanes]`.
  func addWeightProducts(
    image: UnsafePointer<Float>, outputRow: Int, gradient: UnsafePointer<Float>, lanes: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let top = outputRow * g.stride - g.padding
    let rows = max(0, top)..<min(g.inputHeight, top + 3)
    // A row of padding is replaced by one that counts anyway; its sums are not used.
    let pixels = { (tap: Int) in image + (rows.contains(top + tap) ? top + tap : rows.lowerBound) * inputLine }
    let (row0, row1, row2) = (pixels(0), pixels(1), pixels(2))
    let strip = Depthwise3x3.stripWidth(channels: channels, stride: g.stride)
    let vectors = (channels + 7) / 8
    for part in 0..<(g.outputWidth + strip - 1) / strip * vectors {
      let (lower, channel) = (part / vectors * strip, part % vectors * 8)
      let outputs = lower..<min(g.outputWidth, lower + strip)
      let load = { (column: Int) -> Column in
        let offset = column &* channels &+ channel
        return (loadRow(row0 + offset), loadRow(row1 + offset), loadRow(row2 + offset))
      }
      let line = gradient + channel
      let products = g.stride == 1 ? slide(outputs, load, line) : leap(outputs, load, line)
      let add = { (values: Column, tap: Int) in
        let place = sums + tap * lanes + channel
        if rows.contains(top) { storeRow(loadRow(place) + values.0, place) }
        if rows.contains(top + 1) { storeRow(loadRow(place + 3 * lanes) + values.1, place + 3 * lanes) }
        if rows.contains(top + 2) { storeRow(loadRow(place + 6 * lanes) + values.2, place + 6 * lanes) }
      }
      add(products.left, 0)
      add(products.middle, 1)
      add(products.right, 2)
    }
  }

  /// Three inputs below each other, or the sums of three taps.
  private typealias Column = (Vector, Vector, Vector)
  private typealias Products = (left: Column, middle: Column, right: Column)

  @inline(__always)
  private func add(_ sums: inout Column, _ pixels: Column, _ gradient: Vector) {
    sums.0 = tt_multiply_add(sums.0, pixels.0, gradient)
    sums.1 = tt_multiply_add(sums.1, pixels.1, gradient)
    sums.2 = tt_multiply_add(sums.2, pixels.2, gradient)
  }

  /// Stride 1: the input column i meets the outputs i + padding, one before and two before.
  @inline(__always)
  private func slide(
    _ outputs: Range<Int>, _ load: (Int) -> Column, _ gradient: UnsafePointer<Float>
  ) -> Products {
    let zero = (Vector(), Vector(), Vector())
    var products: Products = (zero, zero, zero)
    let output = { (column: Int) -> Vector in
      outputs.contains(column) ? loadRow(gradient + column &* channels) : Vector()
    }
    let begin = max(0, outputs.lowerBound - g.padding)
    var (second, third) = (output(begin + g.padding - 1), output(begin + g.padding - 2))
    for column in begin..<max(begin, min(g.inputWidth, outputs.upperBound - g.padding + 2)) {
      let pixels = load(column)
      let first = output(column &+ g.padding)
      add(&products.left, pixels, first)
      add(&products.middle, pixels, second)
      add(&products.right, pixels, third)
      (second, third) = (first, second)
    }
    return products
  }

  /// Stride 2.
  @inline(__always)
  private func leap(
    _ outputs: Range<Int>, _ load: (Int) -> Column, _ gradient: UnsafePointer<Float>
  ) -> Products {
    let zero = (Vector(), Vector(), Vector())
    var products: Products = (zero, zero, zero)
    for output in outputs {
      let value: Vector = loadRow(gradient + output &* channels)
      let column = 2 &* output &- g.padding
      if column >= 0 { add(&products.left, load(column), value) }
      if column >= -1 && column < g.inputWidth &- 1 { add(&products.middle, load(column &+ 1), value) }
      if column < g.inputWidth &- 2 { add(&products.right, load(column &+ 2), value) }
    }
    return products
  }
}
