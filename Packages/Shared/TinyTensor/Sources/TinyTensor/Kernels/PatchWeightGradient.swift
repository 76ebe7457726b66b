/// The weight gradient of a convolution with many channels as one blocked matrix product, `dYᵀ · patches`: with hundreds of channels
/// a filter entry's values lie too far apart for the direct kernel to keep them in L1.
struct PatchWeightGradient {
  private let plan: ConvPlan
  private let geometry: ConvGeometry

  /// Nil where the direct kernel with its fixed chunks is the better one. Depends on shapes alone.
  init?(_ g: ConvGeometry) {
    guard g.groups == 1 && g.batch > 0 else { return nil }
    geometry = g
    plan = .forward(g)
    guard plan.depth * g.outputChannels > WeightGradientLimits.chunkedWeights else { return nil }
  }

  /// Writes the gradient in OIHW order.
  func run(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let outputs = geometry.outputChannels
    let pixels = plan.batch * plan.rows * plan.columns
    withPadded(input) { window, width, imageStride in
      withScratch(Int.self, count: pixels + plan.taps.count) { offsets in
        fillPixels(offsets, width: width, imageStride: imageStride)
        for (index, tap) in plan.taps.enumerated() {
          offsets[pixels + index] = (tap.row * width + tap.column) * plan.sourceChannels
        }
        withScratch(Float.self, count: outputs * plan.depth) { sums in
          FloatGemm.multiply(
            m: outputs, n: plan.depth, k: pixels,
            a: LineView(pointer: outputGradient, lineStride: 1, stepStride: outputs),
            b: PatchView(
              window: window, pixels: offsets, taps: offsets + pixels, channels: plan.sourceChannels, line: 0),
            c: sums, rowStrideC: plan.depth, accumulate: false)
          CopyKernel.permute(
            shape: [outputs, plan.sourceChannels, plan.taps.count],
            sourceStrides: [plan.depth, 1, plan.sourceChannels],
            source: sums, target: target)
        }
      }
    }
  }

  private func fillPixels(_ offsets: UnsafeMutablePointer<Int>, width: Int, imageStride: Int) {
    var index = 0
    for image in 0..<plan.batch {
      for row in 0..<plan.rows {
        for column in 0..<plan.columns {
          offsets[index] = image * imageStride + (row * width + column) * plan.step * plan.sourceChannels
          index += 1
        }
      }
    }
  }

  /// Lends the images from the first tap on, padded if taps reach beyond them: memory, pixels per row, floats per image.
  private func withPadded(_ input: UnsafePointer<Float>, _ body: (UnsafePointer<Float>, Int, Int) -> Void) {
    let size = plan.sourceHeight * plan.sourceWidth * plan.sourceChannels
    guard plan.needsPadding else {
      body(
        input + (plan.sourceRow * plan.sourceWidth + plan.sourceColumn) * plan.sourceChannels, plan.sourceWidth, size)
      return
    }
    let padded = plan.windowHeight * plan.windowWidth * plan.sourceChannels
    withScratch(Float.self, count: plan.batch * padded) { window in
      parallelFor(plan.batch) { image in
        PaddedCopy.copy(
          input + image * size, height: plan.sourceHeight, width: plan.sourceWidth, channels: plan.sourceChannels,
          row: plan.sourceRow, column: plan.sourceColumn, rows: plan.windowHeight, columns: plan.windowWidth,
          into: window + image * padded)
      }
      body(window, plan.windowWidth, padded)
    }
  }
}
