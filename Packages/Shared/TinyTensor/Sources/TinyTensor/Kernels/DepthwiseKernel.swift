/// Depthwise convolution (one filter per channel): channels are the vector axis, there is nothing to multiply as matrices.
struct DepthwiseKernel {
  let g: ConvGeometry

  /// Nil unless every channel has exactly one filter of its own.
  init?(_ geometry: ConvGeometry) {
    guard geometry.groups == geometry.inputChannels && geometry.outputChannels == geometry.inputChannels else {
      return nil
    }
    g = geometry
  }

  var channels: Int { g.inputChannels }
  var taps: Int { g.kernelHeight * g.kernelWidth }
  var inputSize: Int { g.inputHeight * g.inputWidth * channels }
  /// Channels rounded up to whole vectors.
  var lanes: Int { (channels + 15) / 16 * 16 }

  /// The kernel positions in one direction that read real input at output `position`.
  @inline(__always)
  func valid(_ position: Int, kernel: Int, size: Int) -> Range<Int> {
    let start = position * g.stride - g.padding
    let first = start >= 0 ? 0 : (-start + g.dilation - 1) / g.dilation
    let last = size - 1 - start < 0 ? -1 : (size - 1 - start) / g.dilation
    let end = min(kernel, last + 1)
    return min(first, max(end, 0))..<max(end, min(first, max(end, 0)))
  }

  func forward(
    input: UnsafePointer<Float>, weight: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    withTapWeights(weight, mirrored: false) {
      forward(input: input, filter: $0, output: output, epilogue: epilogue)
    }
  }

  /// The forward pass with weights `[tap][channel]`.
  private func forward(
    input: UnsafePointer<Float>, filter: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    let columnTaps = (0..<g.outputWidth).map { valid($0, kernel: g.kernelWidth, size: g.inputWidth) }
    let inner = innerColumns
    withZeroRow { zeros in
      eachLine(g.batch * g.outputHeight, width: g.outputWidth) { line in
        let image = input + line / g.outputHeight * inputSize
        let row = line % g.outputHeight
        let target = line * g.outputWidth * channels
        for (column, taps) in columnTaps.enumerated() where !inner.contains(column) {
          let sums = { (channel: Int) in
            pixelSum(image, filter + channel, row: row, column: column, columnTaps: taps, channel: channel)
          }
          finishPixel(sums, output, target + column * channels, epilogue)
        }
        guard !inner.isEmpty else { return }
        let rows = sourceRows(image, row: row, column: inner.lowerBound, zeros: zeros)
        let first = target + inner.lowerBound * channels
        if BuildTarget.simdWidth == 16 {
          innerLine(SIMD16<Float>.self, rows, filter, output, first, columns: inner.count, epilogue)
        } else {
          innerLine(SIMD8<Float>.self, rows, filter, output, first, columns: inner.count, epilogue)
        }
      }
    }
  }

  /// Output columns of a 3 × 3 filter whose taps all lie inside the image; empty for other filters.
  var innerColumns: Range<Int> {
    guard g.kernelHeight == 3 && g.kernelWidth == 3 else { return 0..<0 }
    let first = (g.padding + g.stride - 1) / g.stride
    let room = g.inputWidth - 1 - 2 * g.dilation + g.padding
    let end = room < 0 ? 0 : min(g.outputWidth, room / g.stride + 1)
    return first < end ? first..<end : 0..<0
  }

  /// The three source rows of an output row, from the first tap of an output column on.
  @inline(__always)
  func sourceRows(
    _ image: UnsafePointer<Float>, row: Int, column: Int, zeros: UnsafePointer<Float>
  ) -> DepthwiseFilter3<Lanes>.Rows {
    let left = (column * g.stride - g.padding) * channels
    let source = { (kernelRow: Int) -> UnsafePointer<Float> in
      let y = row * g.stride - g.padding + kernelRow * g.dilation
      return (y >= 0 && y < g.inputHeight ? image + y * g.inputWidth * channels : zeros) + left
    }
    return (source(0), source(1), source(2))
  }

  /// The inner columns of one line, one vector of channels after the other.
  @inline(__always)
  private func innerLine<V: SIMD>(
    _ type: V.Type, _ rows: DepthwiseFilter3<Lanes>.Rows, _ filter: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ first: Int, columns: Int, _ epilogue: Epilogue
  ) where V.Scalar == Float {
    let loops = DepthwiseFilter3<V>(
      tapStride: g.dilation * channels, pixelStride: g.stride * channels, filterStride: lanes)
    for channel in stride(from: 0, to: channels, by: V.scalarCount) {
      let width = min(V.scalarCount, channels - channel)
      let bias: V = epilogue.bias.map { TileStore.loadPart($0 + channel, width: width) } ?? V()
      loops.forward(
        (rows.top + channel, rows.middle + channel, rows.bottom + channel), filter: filter + channel, columns: columns
      ) { column, sum in
        let target = first + column * channels + channel
        var value = sum + bias
        if let residual = epilogue.residual { value += loadRow(residual + target) }
        value = TileStore.rectified(value, epilogue.relu)
        if width == V.scalarCount {
          storeRow(value, output + target)
        } else {
          TileStore.storePart(value, output + target, width: width)
        }
      }
    }
  }

  /// The sum of one output pixel over the taps inside the image, for sixteen channels.
  @inline(__always)
  private func pixelSum(
    _ image: UnsafePointer<Float>, _ filter: UnsafePointer<Float>, row: Int, column: Int, columnTaps: Range<Int>,
    channel: Int
  ) -> Lanes {
    let (top, left) = (row * g.stride - g.padding, column * g.stride - g.padding)
    var sum = Lanes()
    for kernelRow in valid(row, kernel: g.kernelHeight, size: g.inputHeight) {
      for kernelColumn in columnTaps {
        let y = top + kernelRow * g.dilation
        let x = left + kernelColumn * g.dilation
        sum = multiplyAdd(
          sum, loadRow(image + (y * g.inputWidth + x) * channels + channel),
          loadRow(filter + (kernelRow * g.kernelWidth + kernelColumn) * lanes))
      }
    }
    return sum
  }

  /// Stores one output pixel.
  @inline(__always)
  private func finishPixel(
    _ sums: (Int) -> Lanes, _ output: UnsafeMutablePointer<Float>, _ target: Int, _ epilogue: Epilogue
  ) {
    for channel in stride(from: 0, to: channels, by: 16) {
      var sum = sums(channel)
      if let bias = epilogue.bias { sum += part(bias + channel, channels - channel) }
      if let residual = epilogue.residual { sum += loadRow(residual + target + channel) }
      if epilogue.relu { sum.replace(with: 0, where: sum .< 0) }
      TileStore.storeUpTo16(sum, output + target + channel, width: channels - channel)
    }
  }

  /// At stride 1 the forward pass of the mirrored filter; else gathers, for every input, the outputs that read it.
  func inputGradient(
    outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    if let mirrored {
      withTapWeights(weight, mirrored: true) {
        mirrored.forward(input: outputGradient, filter: $0, output: target, epilogue: .none)
      }
      return
    }
    let outputSize = g.outputHeight * g.outputWidth * channels
    withTapWeights(weight, mirrored: false) { weights in
      eachLine(g.batch * g.inputHeight, width: g.inputWidth) { line in
        let gradient = outputGradient + line / g.inputHeight * outputSize
        let row = line % g.inputHeight + g.padding
        for inputColumn in 0..<g.inputWidth {
          let column = inputColumn + g.padding
          var channel = 0
          while channel < channels {
            var sum = Lanes()
            for kernelRow in 0..<g.kernelHeight {
              guard let outputRow = output(row - kernelRow * g.dilation, count: g.outputHeight) else { continue }
              for kernelColumn in 0..<g.kernelWidth {
                guard let outputColumn = output(column - kernelColumn * g.dilation, count: g.outputWidth) else {
                  continue
                }
                let offset = (outputRow * g.outputWidth + outputColumn) * channels + channel
                let filter = weights + (kernelRow * g.kernelWidth + kernelColumn) * lanes + channel
                sum = multiplyAdd(sum, loadRow(gradient + offset), loadRow(filter))
              }
            }
            TileStore.storeUpTo16(
              sum, target + (line * g.inputWidth + inputColumn) * channels + channel, width: channels - channel)
            channel += 16
          }
        }
      }
    }
  }

  /// The convolution of the output gradient with the mirrored filter that gives the input gradient, if it is one.
  private var mirrored: DepthwiseKernel? {
    let padding = g.dilation * (g.kernelHeight - 1) - g.padding
    guard g.stride == 1 && g.kernelHeight == g.kernelWidth && padding >= 0,
      let geometry = try? ConvGeometry(
        batch: g.batch, inputHeight: g.outputHeight, inputWidth: g.outputWidth, inputChannels: channels,
        outputChannels: channels, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth, padding: padding,
        dilation: g.dilation, groups: channels)
    else { return nil }
    return DepthwiseKernel(geometry)
  }

  /// The output position whose first tap is at `start` of the padded input, if there is one.
  @inline(__always)
  private func output(_ start: Int, count: Int) -> Int? {
    if g.stride == 1 { return start >= 0 && start < count ? start : nil }
    guard start >= 0 && start % g.stride == 0 && start / g.stride < count else { return nil }
    return start / g.stride
  }

  /// Lends a source row of zeros.
  func withZeroRow(_ body: (UnsafePointer<Float>) -> Void) {
    let count = g.inputWidth * channels + 16
    withScratch(Float.self, count: count) { row in
      row.update(repeating: 0, count: count)
      body(row)
    }
  }

  /// Lends the weights as `[tap][channel]`, padded to whole vectors; `mirrored` reverses the order of the taps.
  private func withTapWeights(
    _ weight: UnsafePointer<Float>, mirrored: Bool, _ body: (UnsafePointer<Float>) -> Void
  ) {
    withScratch(Float.self, count: taps * lanes) { weights in
      weights.update(repeating: 0, count: taps * lanes)
      for channel in 0..<channels {
        for tap in 0..<taps {
          weights[tap * lanes + channel] = weight[channel * taps + (mirrored ? taps - 1 - tap : tap)]
        }
      }
      body(weights)
    }
  }

  @inline(__always)
  private func eachLine(_ count: Int, width: Int, _ body: (Int) -> Void) {
    let grain = max(1, 4096 / max(1, width * channels))
    parallelRanges(count, grain: grain, alignment: 1) { lines in
      for line in lines { body(line) }
    }
  }

  @inline(__always)
  private func part(_ source: UnsafePointer<Float>, _ width: Int) -> Lanes {
    width >= 16 ? loadRow(source) : TileStore.loadPart(source, width: width)
  }
}
