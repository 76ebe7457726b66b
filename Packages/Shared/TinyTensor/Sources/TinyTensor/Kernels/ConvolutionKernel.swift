/// Chooses the way a convolution is computed: depthwise, direct, or through columns.
enum ConvolutionKernel {
  static func forward(
    _ g: ConvGeometry, input: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, epilogue: Epilogue, algorithm: ConvAlgorithm
  ) {
    if let depthwise = DepthwiseKernel(g) {
      depthwise.forward(input: input, weight: weight, output: output, epilogue: epilogue)
      return
    }
    if algorithm.resolved(for: g) == .winograd {
      withWinogradWeights(weight, .forward(g), transposed: false) { packed in
        KernelChoice.winograd(.forward(g), source: input, weights: packed, target: output, epilogue: epilogue)
      }
      return
    }
    let plan = ConvPlan.forward(g)
    withPacked(weight, plan, g, transposed: false) { packed in
      KernelChoice.convolve(plan, source: input, weights: packed, target: output, epilogue: epilogue)
    }
  }

  /// The weights in the order `forward(_:input:packedWeights:…)` reads them for one algorithm; independent of image sizes.
  static func packedWeights(_ g: ConvGeometry, weight: UnsafePointer<Float>, algorithm: ConvAlgorithm) -> Tensor {
    if algorithm == .winograd {
      let grid = WinogradGrid.forward(g)
      let panelWidth = KernelChoice.panelWidth(targets: grid.targetChannels)
      return .filled([WinogradWeights.count(grid, panelWidth: panelWidth)]) { packed in
        WinogradWeights.pack(weight, grid, transposed: false, panelWidth: panelWidth, into: packed)
      }
    }
    let plan = ConvPlan.forward(g)
    if DepthwiseKernel(g) != nil {
      let count = g.weightShape.reduce(1, *)
      return .filled([count]) { $0.update(from: weight, count: count) }
    }
    let panelWidth = KernelChoice.panelWidth(targets: plan.groupTargets)
    return .filled([ConvWeights.count(plan, panelWidth: panelWidth)]) { packed in
      ConvWeights.pack(weight, plan, g, transposed: false, panelWidth: panelWidth, into: packed)
    }
  }

  static func forward(
    _ g: ConvGeometry, input: UnsafePointer<Float>, packedWeights: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, epilogue: Epilogue, algorithm: ConvAlgorithm
  ) {
    if algorithm == .winograd {
      KernelChoice.winograd(.forward(g), source: input, weights: packedWeights, target: output, epilogue: epilogue)
      return
    }
    if let depthwise = DepthwiseKernel(g) {
      depthwise.forward(input: input, weight: packedWeights, output: output, epilogue: epilogue)
      return
    }
    KernelChoice.convolve(
      ConvPlan.forward(g), source: input, weights: packedWeights, target: output, epilogue: epilogue)
  }

  static func inputGradient(
    _ g: ConvGeometry, outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, algorithm: ConvAlgorithm
  ) {
    if let depthwise = DepthwiseKernel(g) {
      depthwise.inputGradient(outputGradient: outputGradient, weight: weight, target: target)
      return
    }
    if algorithm.resolved(for: g) == .winograd, let grid = WinogradGrid.inputGradient(g) {
      withWinogradWeights(weight, grid, transposed: true) { packed in
        KernelChoice.winograd(grid, source: outputGradient, weights: packed, target: target, epilogue: .none)
      }
      return
    }
    guard let plans = ConvPlan.inputGradient(g) else {
      ColumnConvolution(g).inputGradient(outputGradient: outputGradient, weight: weight, target: target)
      return
    }
    let covered = plans.reduce(0) { $0 + $1.rows * $1.columns }
    if covered < g.inputHeight * g.inputWidth {
      FlatKernel.fill(target, with: 0, count: g.batch * g.inputHeight * g.inputWidth * g.inputChannels)
    }
    for plan in plans {
      withPacked(weight, plan, g, transposed: true) { packed in
        KernelChoice.convolve(plan, source: outputGradient, weights: packed, target: target, epilogue: .none)
      }
    }
  }

  static func weightGradient(
    _ g: ConvGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, algorithm: ConvAlgorithm
  ) {
    if let depthwise = DepthwiseKernel(g) {
      depthwise.weightGradient(input: input, outputGradient: outputGradient, target: target)
      return
    }
    if WinogradRule.weightGradientUses(algorithm, g) {
      KernelChoice.winogradWeightGradient(g, input: input, outputGradient: outputGradient, target: target)
      return
    }
    if let patches = PatchWeightGradient(g) {
      patches.run(input: input, outputGradient: outputGradient, target: target)
      return
    }
    KernelChoice.weightGradient(g, input: input, outputGradient: outputGradient, target: target)
  }

  private static func withWinogradWeights(
    _ weight: UnsafePointer<Float>, _ grid: WinogradGrid, transposed: Bool, _ body: (UnsafePointer<Float>) -> Void
  ) {
    let panelWidth = KernelChoice.panelWidth(targets: grid.targetChannels)
    withScratch(Float.self, count: WinogradWeights.count(grid, panelWidth: panelWidth)) { packed in
      WinogradWeights.pack(weight, grid, transposed: transposed, panelWidth: panelWidth, into: packed)
      body(packed)
    }
  }

  private static func withPacked(
    _ weight: UnsafePointer<Float>, _ plan: ConvPlan, _ g: ConvGeometry, transposed: Bool,
    _ body: (UnsafePointer<Float>) -> Void
  ) {
    let panelWidth = KernelChoice.panelWidth(targets: plan.groupTargets)
    withScratch(Float.self, count: ConvWeights.count(plan, panelWidth: panelWidth)) { packed in
      ConvWeights.pack(weight, plan, g, transposed: transposed, panelWidth: panelWidth, into: packed)
      body(packed)
    }
  }
}
