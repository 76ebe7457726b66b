import TinyTensor

/// Rounds inputs to integers and cuts them into windows, in the `(channel, y, x)` order of flattened kernels.
enum WindowKernel {
  /// The windows of one group.
  /// - Parameters:
  ///   - x: inputs `[batch, height, width, channels]`.
  ///   - quantizer: rounding; padding becomes its zero point.
  /// - Returns: `[batch · outputHeight · outputWidth, channels per group · kernelHeight · kernelWidth]` of integers.
  static func gather(_ x: Tensor, _ geometry: ConvGeometry, group: Int, quantizer: InputQuantizer) -> Tensor {
    let channels = geometry.inputChannels / geometry.groups
    let taps = geometry.kernelHeight * geometry.kernelWidth
    let rowLength = channels * taps
    let rowsPerImage = geometry.outputHeight * geometry.outputWidth
    let imageSize = geometry.inputHeight * geometry.inputWidth * geometry.inputChannels
    var result = Tensor(uninitialized: [geometry.batch * rowsPerImage, rowLength])
    x.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        parallelFor(geometry.batch) { image in
          withScratch(Float.self, count: imageSize) { rounded in
            round(source + image * imageSize, count: imageSize, quantizer, into: rounded)
            let base = target + image * rowsPerImage * rowLength
            for row in 0..<rowsPerImage {
              window(
                rounded, geometry, y: row / geometry.outputWidth, x: row % geometry.outputWidth,
                firstChannel: group * channels, channels: channels, zero: Float(quantizer.zeroPoint),
                into: base + row * rowLength)
            }
          }
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func window(
    _ image: UnsafeMutablePointer<Float>, _ g: ConvGeometry, y: Int, x: Int, firstChannel: Int, channels: Int,
    zero: Float, into target: UnsafeMutablePointer<Float>
  ) {
    let taps = g.kernelHeight * g.kernelWidth
    for ky in 0..<g.kernelHeight {
      let row = y * g.stride - g.padding + ky * g.dilation
      for kx in 0..<g.kernelWidth {
        let column = x * g.stride - g.padding + kx * g.dilation
        let tap = target + ky * g.kernelWidth + kx
        if row >= 0, row < g.inputHeight, column >= 0, column < g.inputWidth {
          let pixel = image + (row * g.inputWidth + column) * g.inputChannels + firstChannel
          for channel in 0..<channels { tap[channel * taps] = pixel[channel] }
        } else {
          for channel in 0..<channels { tap[channel * taps] = zero }
        }
      }
    }
  }

  /// `clamp(round(x / scale) + zero)`, halves to even: adding and subtracting 1.5·2²³ rounds in the vector unit.
  static func round(
    _ source: UnsafePointer<Float>, count: Int, _ quantizer: InputQuantizer, into target: UnsafeMutablePointer<Float>
  ) {
    let zero = Float(quantizer.zeroPoint)
    let largest = Float(quantizer.maximum)
    let magic: Float = 12_582_912
    for index in 0..<count {
      let scaled = max(-1e6, min(1e6, source[index] / quantizer.scale))
      let rounded = (scaled + magic) - magic + zero
      target[index] = max(0, min(largest, rounded))
    }
  }

  /// One number per image, a hash of its rounded inputs.
  static func imageKeys(_ x: Tensor, quantizer: InputQuantizer) -> [UInt64] {
    let size = x.count / x.shape[0]
    return x.withUnsafeBufferPointer { source in
      (0..<x.shape[0]).map { image in
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in image * size..<(image + 1) * size {
          hash = (hash ^ UInt64(quantizer.quantize(source[index]))) &* 0x0000_0100_0000_01b3
        }
        return hash
      }
    }
  }
}
