/// The input gradient through an explicit column matrix per image (col2im): the general path, for any stride and dilation.
struct ColumnConvolution {
  let g: ConvGeometry
  private let groupInputs: Int
  private let groupOutputs: Int
  private let taps: Int
  private let depth: Int
  private let pixels: Int

  init(_ geometry: ConvGeometry) {
    g = geometry
    groupInputs = g.inputChannels / g.groups
    groupOutputs = g.outputChannels / g.groups
    taps = g.kernelHeight * g.kernelWidth
    depth = taps * groupInputs
    pixels = g.outputHeight * g.outputWidth
  }

  private var inputSize: Int { g.inputHeight * g.inputWidth * g.inputChannels }

  func inputGradient(
    outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    withPackedWeight(weight) { packed in
      parallelFor(g.batch) { image in
        withScratch(Float.self, count: pixels * depth) { columns in
          let dx = target + image * inputSize
          dx.update(repeating: 0, count: inputSize)
          for group in 0..<g.groups {
            gemm(
              m: pixels, n: depth, k: groupOutputs,
              a: outputGradient + image * pixels * g.outputChannels + group * groupOutputs,
              rowStrideA: g.outputChannels, columnStrideA: 1, b: packed + group * depth * groupOutputs, rowStrideB: 1,
              columnStrideB: groupOutputs, c: columns, rowStrideC: depth, accumulate: false)
            scatter(columns, into: dx + group * groupInputs)
          }
        }
      }
    }
  }

  /// Lends the weights as `[group][tap][in][out]`.
  private func withPackedWeight(_ weight: UnsafePointer<Float>, _ body: (UnsafePointer<Float>) -> Void) {
    withScratch(Float.self, count: g.groups * depth * groupOutputs) { packed in
      for channel in 0..<g.outputChannels {
        let base = channel / groupOutputs * depth * groupOutputs + channel % groupOutputs
        for source in 0..<groupInputs {
          for tap in 0..<taps {
            packed[base + (tap * groupInputs + source) * groupOutputs] =
              weight[(channel * groupInputs + source) * taps + tap]
          }
        }
      }
      body(packed)
    }
  }

  /// Adds columns `[pixel][tap][in]` back onto the image.
  private func scatter(_ columns: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
    visitTaps { offset, position in
      guard let offset else { return }
      let source = columns + position * groupInputs
      for channel in 0..<groupInputs { image[offset + channel] += source[channel] }
    }
  }

  /// Calls `body(image offset or nil for padding, pixel · taps + tap)` for all taps of all output pixels.
  @inline(__always)
  private func visitTaps(_ body: (Int?, Int) -> Void) {
    var position = 0
    for row in 0..<g.outputHeight {
      for column in 0..<g.outputWidth {
        for kernelRow in 0..<g.kernelHeight {
          let y = row * g.stride - g.padding + kernelRow * g.dilation
          for kernelColumn in 0..<g.kernelWidth {
            let x = column * g.stride - g.padding + kernelColumn * g.dilation
            let inside = y >= 0 && y < g.inputHeight && x >= 0 && x < g.inputWidth
            body(inside ? (y * g.inputWidth + x) * g.inputChannels : nil, position)
            position += 1
          }
        }
      }
    }
  }
}
