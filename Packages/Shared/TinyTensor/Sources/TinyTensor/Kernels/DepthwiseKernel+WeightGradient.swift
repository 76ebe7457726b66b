extension DepthwiseKernel {
  /// Sums over the output lines in fixed chunks; writes OIHW, that is, `[channel][tap]`.
  func weightGradient(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let inner = innerColumns
    withScratch(Float.self, count: ReductionChunks.count * taps * lanes) { partial in
      withZeroRow { zeros in
        parallelFor(ReductionChunks.count) { chunk in
          let sums = partial + chunk * taps * lanes
          sums.update(repeating: 0, count: taps * lanes)
          for line in ReductionChunks.range(chunk, of: g.batch * g.outputHeight) {
            let image = input + line / g.outputHeight * inputSize
            let gradient = outputGradient + line * g.outputWidth * channels
            let row = line % g.outputHeight
            for kernelRow in valid(row, kernel: g.kernelHeight, size: g.inputHeight) {
              let pixels = image + (row * g.stride - g.padding + kernelRow * g.dilation) * g.inputWidth * channels
              let target = sums + kernelRow * g.kernelWidth * lanes
              addLine(pixels, gradient, columns: 0..<inner.lowerBound, into: target)
              addLine(pixels, gradient, columns: inner.upperBound..<g.outputWidth, into: target)
            }
            guard !inner.isEmpty else { continue }
            let rows = sourceRows(image, row: row, column: inner.lowerBound, zeros: zeros)
            let first = gradient + inner.lowerBound * channels
            if BuildTarget.simdWidth == 16 {
              addInnerLine(SIMD16<Float>.self, rows, first, columns: inner.count, into: sums)
            } else {
              addInnerLine(SIMD8<Float>.self, rows, first, columns: inner.count, into: sums)
            }
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

  /// Adds the products of three input rows with the inner columns of one row of output gradients to all sums.
  @inline(__always)
  private func addInnerLine<V: SIMD>(
    _ type: V.Type, _ rows: DepthwiseFilter3<Lanes>.Rows, _ gradient: UnsafePointer<Float>, columns: Int,
    into sums: UnsafeMutablePointer<Float>
  ) where V.Scalar == Float {
    let loops = DepthwiseFilter3<V>(
      tapStride: g.dilation * channels, pixelStride: g.stride * channels, filterStride: lanes)
    for channel in stride(from: 0, to: channels, by: V.scalarCount) {
      loops.weightGradient(
        (rows.top + channel, rows.middle + channel, rows.bottom + channel), gradient: gradient + channel,
        gradientStride: channels, columns: columns, into: sums + channel)
    }
  }

  /// Adds the products of one input row with some columns of one row of output gradients to the sums of one kernel row.
  @inline(__always)
  private func addLine(
    _ pixels: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, columns: Range<Int>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    for kernelColumn in 0..<g.kernelWidth {
      let shift = kernelColumn * g.dilation - g.padding
      // Output columns whose tap lies inside: 0 ≤ column · stride + shift < inputWidth.
      let first = max(columns.lowerBound, shift >= 0 ? 0 : (-shift + g.stride - 1) / g.stride)
      let end = shift >= g.inputWidth ? 0 : min(columns.upperBound, (g.inputWidth - 1 - shift) / g.stride + 1)
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
}
