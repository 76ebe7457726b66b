/// Picks the micro-kernel that fills the registers of the target, as early as possible, so that everything below is specialised.
enum KernelChoice {
  /// The tile for matrix products and convolutions of the instruction set this build targets.
  static func gemm(
    m: Int, n: Int, k: Int, a: MatrixView, b: MatrixView, c: UnsafeMutablePointer<Float>, rowStrideC: Int,
    accumulate: Bool
  ) {
    if BuildTarget.simdWidth == 16 {
      PackedGemm<MicroKernel12<SIMD32<Float>>>.multiply(
        m: m, n: n, k: k, a: a, b: b, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      PackedGemm<MicroKernel6<SIMD16<Float>>>.multiply(
        m: m, n: n, k: k, a: a, b: b, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    } else {
      PackedGemm<MicroKernel6<SIMD8<Float>>>.multiply(
        m: m, n: n, k: k, a: a, b: b, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    }
  }

  /// The width of packed weight panels for a number of target channels.
  static func panelWidth(targets: Int) -> Int {
    if BuildTarget.simdWidth == 16 { return targets > 16 ? 32 : 16 }
    return BuildTarget.simdWidth == 8 || BuildTarget.has32Registers ? 16 : 8
  }

  /// Runs a convolution with weights packed for `panelWidth(targets: plan.groupTargets)`.
  static func convolve(
    _ plan: ConvPlan, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    if BuildTarget.simdWidth == 16 {
      if panelWidth(targets: plan.groupTargets) == 32 {
        DirectConvolution<MicroKernel12<SIMD32<Float>>>(plan)
          .run(source: source, weights: weights, target: target, epilogue: epilogue)
      } else {
        DirectConvolution<MicroKernel12<SIMD16<Float>>>(plan)
          .run(source: source, weights: weights, target: target, epilogue: epilogue)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      DirectConvolution<MicroKernel6<SIMD16<Float>>>(plan)
        .run(source: source, weights: weights, target: target, epilogue: epilogue)
    } else {
      DirectConvolution<MicroKernel6<SIMD8<Float>>>(plan)
        .run(source: source, weights: weights, target: target, epilogue: epilogue)
    }
  }

  /// The weight gradient of a convolution, in OIHW order.
  static func weightGradient(
    _ g: ConvGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>
  ) {
    if BuildTarget.simdWidth == 16 {
      if panelWidth(targets: g.outputChannels / g.groups) == 32 {
        WeightGradient<MicroKernel12<SIMD32<Float>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      } else {
        WeightGradient<MicroKernel12<SIMD16<Float>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      WeightGradient<MicroKernel6<SIMD16<Float>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    } else {
      WeightGradient<MicroKernel6<SIMD8<Float>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    }
  }
}
