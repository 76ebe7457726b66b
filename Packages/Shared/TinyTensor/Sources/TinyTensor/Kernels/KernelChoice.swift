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

  /// The width of packed weight panels for a number of target channels, which is that of the register tile.
  ///
  /// AVX2 computes 16 channels at a time, and eight where there are no more: the narrow tile loads a word per product, so two of
  /// them cost more than one wide one.
  static func panelWidth(targets: Int) -> Int {
    if BuildTarget.simdWidth == 16 { return targets > 16 ? 32 : 16 }
    return (BuildTarget.simdWidth == 8 || BuildTarget.has32Registers) && targets > 8 ? 16 : 8
  }

  /// Does a job with the register tile whose width is `panelWidth(targets:)`.
  @inline(__always)
  private static func withTile(targets: Int, _ job: some TileJob) {
    let width = panelWidth(targets: targets)
    if BuildTarget.simdWidth == 16 {
      if width == 32 {
        job.run(MicroKernel12<FloatStep<SIMD32<Float>>>.self)
      } else {
        job.run(MicroKernel12<FloatStep<SIMD16<Float>>>.self)
      }
    } else if BuildTarget.simdWidth == 8 || BuildTarget.has32Registers {
      if width == 16 {
        job.run(MicroKernel6<FloatStep<SIMD16<Float>>>.self)
      } else {
        job.run(MicroKernel8<FloatStep<SIMD8<Float>>>.self)
      }
    } else {
      job.run(MicroKernel6<FloatStep<SIMD8<Float>>>.self)
    }
  }

  /// Runs the forward pass of a convolution with weights packed for `panelWidth(targets: outputChannels / groups)`.
  static func convolve(
    forward g: ConvGeometry, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    withTile(
      targets: g.outputChannels / g.groups,
      DirectJob(source: source, weights: weights, target: target, epilogue: epilogue) {
        DirectSchedule.forward(g, tile: $0)
      })
  }

  /// Runs any plan with weights packed for `panelWidth(targets: plan.groupTargets)`.
  static func convolve(
    _ plan: ConvPlan, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    withTile(
      targets: plan.groupTargets,
      DirectJob(source: source, weights: weights, target: target, epilogue: epilogue) {
        DirectSchedule.parts(of: plan, tile: $0)
      })
  }

  /// Runs a Winograd convolution with weights packed for `panelWidth(targets: grid.targetChannels)`.
  static func winograd(
    _ grid: WinogradGrid, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    struct Job: TileJob {
      let grid: WinogradGrid
      let source: UnsafePointer<Float>
      let weights: UnsafePointer<Float>
      let target: UnsafeMutablePointer<Float>
      let epilogue: Epilogue
      @inline(__always)
      func run<Kernel: MicroKernel>(_ kernel: Kernel.Type) where Kernel.Row.Scalar == Float {
        WinogradConvolution<Kernel>(grid).run(source: source, weights: weights, target: target, epilogue: epilogue)
      }
    }
    withTile(
      targets: grid.targetChannels,
      Job(grid: grid, source: source, weights: weights, target: target, epilogue: epilogue))
  }

  /// The weight gradient of a convolution, in OIHW order.
  static func weightGradient(
    _ g: ConvGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>
  ) {
    struct Job: TileJob {
      let geometry: ConvGeometry
      let input: UnsafePointer<Float>
      let outputGradient: UnsafePointer<Float>
      let target: UnsafeMutablePointer<Float>
      @inline(__always)
      func run<Kernel: MicroKernel>(_ kernel: Kernel.Type) where Kernel.Row.Scalar == Float {
        WeightGradient<Kernel>(geometry).run(input: input, outputGradient: outputGradient, target: target)
      }
    }
    withTile(
      targets: g.outputChannels / g.groups,
      Job(geometry: g, input: input, outputGradient: outputGradient, target: target))
  }

  /// The weight gradient of a convolution by Winograd's algorithm, in OIHW order.
  static func winogradWeightGradient(
    _ g: ConvGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>
  ) {
    struct Job: TileJob {
      let geometry: ConvGeometry
      let input: UnsafePointer<Float>
      let outputGradient: UnsafePointer<Float>
      let target: UnsafeMutablePointer<Float>
      @inline(__always)
      func run<Kernel: MicroKernel>(_ kernel: Kernel.Type) where Kernel.Row.Scalar == Float {
        WinogradWeightGradient<Kernel>(geometry).run(input: input, outputGradient: outputGradient, target: target)
      }
    }
    withTile(
      targets: g.outputChannels, Job(geometry: g, input: input, outputGradient: outputGradient, target: target))
  }
}

/// Work that one register tile does, whichever it is.
private protocol TileJob {
  func run<Kernel: MicroKernel>(_ kernel: Kernel.Type) where Kernel.Row.Scalar == Float
}

private struct DirectJob: TileJob {
  let source: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let target: UnsafeMutablePointer<Float>
  let epilogue: Epilogue
  let schedules: (DirectSchedule.Tile) -> [DirectSchedule]

  @inline(__always)
  func run<Kernel: MicroKernel>(_ kernel: Kernel.Type) where Kernel.Row.Scalar == Float {
    DirectConvolution<Kernel>.run(
      schedules(DirectSchedule.Tile(rows: Kernel.rows, columns: Kernel.columns)), source: source, weights: weights,
      target: target, epilogue: epilogue)
  }
}
