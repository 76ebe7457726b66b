/// Picks the micro-kernel that fills the registers of the target, as early as possible, so that everything below is specialised.
enum KernelChoice {
  /// A matrix product with the register tile of the instruction set this build targets; `k` counts words.
  static func gemm<Step: MultiplyAccumulate>(
    _ step: Step.Type, m: Int, n: Int, k: Int, a: some LeftOperand<Step.Row.Scalar>,
    b: some RightOperand<Step.Row.Scalar>, c: UnsafeMutablePointer<Step.Row.Scalar>, rowStrideC: Int, accumulate: Bool
  ) {
    if BuildTarget.simdWidth == 16 {
      PackedGemm<MicroKernel12<Step>>.multiply(
        m: m, n: n, k: k, a: a, b: b, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    } else {
      PackedGemm<MicroKernel6<Step>>.multiply(
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
        DirectConvolution<MicroKernel12<FloatStep<SIMD32<Float>>>>.run(
          plan, source: source, weights: weights, target: target, epilogue: epilogue)
      } else {
        DirectConvolution<MicroKernel12<FloatStep<SIMD16<Float>>>>.run(
          plan, source: source, weights: weights, target: target, epilogue: epilogue)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      DirectConvolution<MicroKernel6<FloatStep<SIMD16<Float>>>>.run(
        plan, source: source, weights: weights, target: target, epilogue: epilogue)
    } else {
      DirectConvolution<MicroKernel6<FloatStep<SIMD8<Float>>>>.run(
        plan, source: source, weights: weights, target: target, epilogue: epilogue)
    }
  }

  /// Runs a Winograd convolution with weights packed for `panelWidth(targets: grid.targetChannels)`.
  static func winograd(
    _ grid: WinogradGrid, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    if BuildTarget.simdWidth == 16 {
      if panelWidth(targets: grid.targetChannels) == 32 {
        WinogradConvolution<MicroKernel12<FloatStep<SIMD32<Float>>>>(grid)
          .run(source: source, weights: weights, target: target, epilogue: epilogue)
      } else {
        WinogradConvolution<MicroKernel12<FloatStep<SIMD16<Float>>>>(grid)
          .run(source: source, weights: weights, target: target, epilogue: epilogue)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      WinogradConvolution<MicroKernel6<FloatStep<SIMD16<Float>>>>(grid)
        .run(source: source, weights: weights, target: target, epilogue: epilogue)
    } else {
      WinogradConvolution<MicroKernel6<FloatStep<SIMD8<Float>>>>(grid)
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
        WeightGradient<MicroKernel12<FloatStep<SIMD32<Float>>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      } else {
        WeightGradient<MicroKernel12<FloatStep<SIMD16<Float>>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      WeightGradient<MicroKernel6<FloatStep<SIMD16<Float>>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    } else {
      WeightGradient<MicroKernel6<FloatStep<SIMD8<Float>>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    }
  }

  /// The weight gradient of a convolution by Winograd's algorithm, in OIHW order.
  static func winogradWeightGradient(
    _ g: ConvGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>
  ) {
    if BuildTarget.simdWidth == 16 {
      if panelWidth(targets: g.outputChannels) == 32 {
        WinogradWeightGradient<MicroKernel12<FloatStep<SIMD32<Float>>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      } else {
        WinogradWeightGradient<MicroKernel12<FloatStep<SIMD16<Float>>>>(g)
          .run(input: input, outputGradient: outputGradient, target: target)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      WinogradWeightGradient<MicroKernel6<FloatStep<SIMD16<Float>>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    } else {
      WinogradWeightGradient<MicroKernel6<FloatStep<SIMD8<Float>>>>(g)
        .run(input: input, outputGradient: outputGradient, target: target)
    }
  }
}
