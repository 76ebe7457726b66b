/// Depthwise convolution (one filter per channel): channels are the vector axis, there is nothing to multiply as matrices.
struct DepthwiseKernel {
  private let g: ConvGeometry

  /// Nil unless every channel has exactly one filter of its own.
  init?(_ geometry: ConvGeometry) {
    guard geometry.groups == geometry.inputChannels && geometry.outputChannels == geometry.inputChannels else {
      return nil
    }
    g = geometry
  }

  private var channels: Int { g.inputChannels }
  private var taps: Int { g.kernelHeight * g.kernelWidth }
  private var inputSize: Int { g.inputHeight * g.inputWidth * channels }
  /// Channels rounded up to whole vectors.
  private var lanes: Int { (channels + 15) / 16 * 16 }

  /// The kernel positions in one direction that read real input at output `position`.
  @inline(__always)
  private func valid(_ position: Int, kernel: Int, size: Int) -> Range<Int> {
    let start = position * g.stride - g.padding
    let first = start >= 0 ? 0 : (-start + g.dilation - 1) / g.dilation
    let last = size - 1 - start < 0 ? -1 : (size - 1 - start) / g.dilation
    let end = min(kernel, last + 1)
    return min(first, max(end, 0))..<max(end, min(first, max(end, 0)))
  }

  func forward(
    input: UnsafePointer<Float>, weight: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    if Depthwise3x3.applies(to: g) {
      withTapWeights(weight) { weights in
        Depthwise3x3.forward(g).run(
          source: input, weights: weights, lanes: lanes, target: output, epilogue: epilogue)
      }
      return
    }
    let columnTaps = (0..<g.outputWidth).map { valid($0, kernel: g.kernelWidth, size: g.inputWidth) }
    let tapStride = g.dilation * channels
    withTapWeights(weight) { weights in
      Self.eachLine(g.batch * g.outputHeight, size: g.outputWidth * channels) { line in
        let image = input + line / g.outputHeight * inputSize
        let row = line % g.outputHeight
        let kernelRows = valid(row, kernel: g.kernelHeight, size: g.inputHeight)
        let top = row * g.stride - g.padding
        for (column, kernelColumns) in columnTaps.enumerated() {
          let left = column * g.stride - g.padding
          let target = (line * g.outputWidth + column) * channels
          var channel = 0
          while channel < channels {
            var sum = Lanes()
            for kernelRow in kernelRows {
              var pixel = image + ((top + kernelRow * g.dilation) * g.inputWidth + left) * channels + channel
              pixel += kernelColumns.lowerBound * tapStride
              var filter = weights + (kernelRow * g.kernelWidth + kernelColumns.lowerBound) * lanes + channel
              for _ in kernelColumns {
                sum = multiplyAdd(sum, loadRow(pixel), loadRow(filter))
                pixel += tapStride
                filter += lanes
              }
            }
            if let bias = epilogue.bias { sum += part(bias + channel, channels - channel) }
            if let residual = epilogue.residual { sum += loadRow(residual + target + channel) }
            if epilogue.relu { sum.replace(with: 0, where: sum .< 0) }
            TileStore.storeUpTo16(sum, output + target + channel, width: channels - channel)
            channel += 16
          }
        }
      }
    }
  }

  /// Gathers, for every input, the outputs that read it.
  func inputGradient(
    outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    if Depthwise3x3.applies(to: g) {
      withTapWeights(weight, reversed: g.stride == 1) { weights in
        if g.stride == 1 {
          Depthwise3x3.inputGradient(g).run(
            source: outputGradient, weights: weights, lanes: lanes, target: target, epilogue: .none)
        } else {
          Depthwise3x3Gradient(g).inputOfStride2(
            outputGradient: outputGradient, weights: weights, lanes: lanes, target: target)
        }
      }
      return
    }
    let outputSize = g.outputHeight * g.outputWidth * channels
    withTapWeights(weight) { weights in
      Self.eachLine(g.batch * g.inputHeight, size: g.inputWidth * channels) { line in
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

  /// The output position whose first tap is at `start` of the padded input, if there is one.
  @inline(__always)
  private func output(_ start: Int, count: Int) -> Int? {
    if g.stride == 1 { return start >= 0 && start < count ? start : nil }
    guard start >= 0 && start % g.stride == 0 && start / g.stride < count else { return nil }
    return start / g.stride
  }

  /// Sums over the output lines in fixed chunks; writes OIHW, that is, `[channel][tap]`.
  func weightGradient(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let gradients = Depthwise3x3.applies(to: g) ? Depthwise3x3Gradient(g) : nil
    withScratch(Float.self, count: ReductionChunks.count * taps * lanes) { partial in
      parallelFor(ReductionChunks.count) { chunk in
        let sums = partial + chunk * taps * lanes
        sums.update(repeating: 0, count: taps * lanes)
        for line in ReductionChunks.range(chunk, of: g.batch * g.outputHeight) {
          let image = input + line / g.outputHeight * inputSize
          let gradient = outputGradient + line * g.outputWidth * channels
          let row = line % g.outputHeight
          if let gradients {
            gradients.addWeightProducts(image: image, outputRow: row, gradient: gradient, lanes: lanes, into: sums)
            continue
          }
          for kernelRow in valid(row, kernel: g.kernelHeight, size: g.inputHeight) {
            let pixels = image + (row * g.stride - g.padding + kernelRow * g.dilation) * g.inputWidth * channels
            addLine(pixels, gradient, into: sums + kernelRow * g.kernelWidth * lanes)
          }
        }
      }
      for channel in 0..<channels {
        for tap in 0..<taps {
          var total: Float = 0
          for chunk in 0..<ReductionChunks.count { total += partial[(chunk * taps + tap) * lanes + channel] }
          target[channel * taps + tap] = total
        }
      }
    }
  }

  /// Adds the products of one input row with one row of output gradients to the sums of one kernel row.
  @inline(__always)
  private func addLine(
    _ pixels: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    for kernelColumn in 0..<g.kernelWidth {
      let shift = kernelColumn * g.dilation - g.padding
      // Output columns whose tap lies inside: 0 ≤ column · stride + shift < inputWidth.
      let first = shift >= 0 ? 0 : (-shift + g.stride - 1) / g.stride
      let end = shift >= g.inputWidth ? 0 : min(g.outputWidth, (g.inputWidth - 1 - shift) / g.stride + 1)
      guard first < end else { continue }
      var channel = 0
      while channel < channels {
        var sum: Lanes = loadRow(sums + kernelColumn * lanes + channel)
        for column in first..<end {
          let pixel = pixels + (column * g.stride + shift) * channels + channel
          sum = multiplyAdd(sum, loadRow(pixel), loadRow(gradient + column * channels + channel))
        }
        storeRow(sum, sums + kernelColumn * lanes + channel)
        channel += 16
      }
    }
  }

  /// Lends the weights as `[tap][channel]`, padded to whole vectors, in order or the last tap first.
  private func withTapWeights(
    _ weight: UnsafePointer<Float>, reversed: Bool = false, _ body: (UnsafePointer<Float>) -> Void
  ) {
    withScratch(Float.self, count: taps * lanes) { weights in
      weights.update(repeating: 0, count: taps * lanes)
      for channel in 0..<channels {
        for tap in 0..<taps {
          weights[tap * lanes + channel] = weight[channel * taps + (reversed ? taps - 1 - tap : tap)]
        }
      }
      body(weights)
    }
  }

  /// Calls `body` for every line of `size` floats, in parallel.
  @inline(__always)
  static func eachLine(_ count: Int, size: Int, _ body: (Int) -> Void) {
    parallelRanges(count, grain: max(1, 4096 / max(1, size)), alignment: 1) { lines in
      for line in lines { body(line) }
    }
  }

  @inline(__always)
  private func part(_ source: UnsafePointer<Float>, _ width: Int) -> Lanes {
    width >= 16 ? loadRow(source) : TileStore.loadPart(source, width: width)
  }
}
