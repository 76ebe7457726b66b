/// Executes a `ConvPlan` as an implicit matrix product: the rows of the register tile are output positions, its columns output
/// channels, the depth runs over taps and source channels right in the image. No column matrix is ever made; images that need
/// padding are copied, a few at a time, into scratch that stays in L2.
struct DirectConvolution<Kernel: MicroKernel> where Kernel.Row.Scalar == Float {
  private let schedule: DirectSchedule
  private var plan: ConvPlan { schedule.plan }

  /// Executes the schedules of a whole convolution.
  static func run(
    _ schedules: [DirectSchedule], source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    for schedule in schedules {
      Self(schedule: schedule).run(source: source, weights: weights, target: target, epilogue: epilogue)
    }
  }

  private func windowRows(_ rows: Int) -> Int { (rows - 1) * plan.step + plan.tapHeight }

  private func run(
    source: UnsafePointer<Float>, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
    epilogue: Epilogue
  ) {
    guard plan.batch > 0 && plan.rows > 0 && plan.columns > 0 else { return }
    let (partition, panels) = (schedule.partition, schedule.panels)
    let bands = (plan.rows + partition.rowsPerBand - 1) / partition.rowsPerBand
    let imageGroups = (plan.batch + partition.imagesPerJob - 1) / partition.imagesPerJob
    schedule.withTables { sources, targets in
      parallelFor(imageGroups * bands * partition.panelGroups) { job in
        let panelGroup = job % partition.panelGroups
        let band = job / partition.panelGroups % bands
        let image = job / partition.panelGroups / bands * partition.imagesPerJob
        let images = min(partition.imagesPerJob, plan.batch - image)
        let row = band * partition.rowsPerBand
        let rows = min(partition.rowsPerBand, plan.rows - row)
        let origin =
          (image * plan.targetHeight + plan.targetRow + row * plan.targetStep) * plan.targetWidth + plan.targetColumn
        var shifted = epilogue
        shifted.residual = epilogue.residual.map { $0 + origin * plan.targetChannels }
        withSource(source, image: image, images: images, row: row, rows: rows) { window in
          compute(
            window, weights: weights, target: target + origin * plan.targetChannels, epilogue: shifted,
            positions: images * rows * plan.columns,
            panels: panelGroup * panels / partition.panelGroups..<(panelGroup + 1) * panels / partition.panelGroups,
            sourceTable: sources, targetTable: targets)
        }
      }
    }
  }

  /// All positions of a job times all its panels.
  private func compute(
    _ window: UnsafePointer<Float>, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
    epilogue: Epilogue, positions: Int, panels panelRange: Range<Int>, sourceTable: UnsafePointer<Int>,
    targetTable: UnsafePointer<Int>
  ) {
    let panelSize = plan.packedTaps * plan.groupSources * Kernel.columns
    let (panels, blocks) = (schedule.panels, schedule.blocks)
    schedule.runs.withUnsafeBufferPointer { runs in
      for group in 0..<plan.groups {
        for panel in panelRange {
          let channel = group * plan.groupTargets + panel * Kernel.columns
          let width = min(Kernel.columns, plan.groupTargets - panel * Kernel.columns)
          let panelWeights = weights + (group * panels + panel) * panelSize
          var last = epilogue
          last.bias = epilogue.bias.map { $0 + channel }
          last.residual = epilogue.residual.map { $0 + channel }
          for (index, block) in blocks.enumerated() {
            computeBlock(
              UnsafeBufferPointer(rebasing: runs[block]), window + group * plan.groupSources, weights: panelWeights,
              target: target + channel, width: width,
              accumulate: index > 0, epilogue: index == blocks.count - 1 ? last : .none, positions: positions,
              sourceTable: sourceTable, targetTable: targetTable)
          }
        }
      }
    }
  }

  /// The innermost loops: all positions of a job, one panel, one block of the depth.
  @inline(never)
  private func computeBlock(
    _ runs: UnsafeBufferPointer<DirectSchedule.Run>, _ window: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, width: Int, accumulate: Bool, epilogue: Epilogue, positions: Int,
    sourceTable: UnsafePointer<Int>, targetTable: UnsafePointer<Int>
  ) {
    let plain = epilogue.isNone
    var position = 0
    while position < positions {
      let rows =
        positions - position >= Kernel.rows
        ? Kernel.rowPointers(window, offsets: sourceTable + position)
        : lastRowPointers(window, offsets: sourceTable + position, count: positions - position)
      var tile = Kernel.zero
      for run in runs {
        Kernel.accumulate(
          &tile, rows, offset: run.offset, depth: run.length, depthStride: 1, weights + run.weightOffset)
      }
      let height = min(Kernel.rows, positions - position)
      let offsets = targetTable + position
      if plain {
        TileStore.store(
          Kernel.self, tile, target, height: height, width: width, accumulate: accumulate, offset: { offsets[$0] })
      } else {
        TileStore.finish(
          Kernel.self, tile, target, height: height, width: width, accumulate: accumulate, epilogue: epilogue,
          offsets: offsets)
      }
      position += Kernel.rows
    }
  }

  /// The rows of an incomplete tile: the last position stands in for those that the job does not have. (The table cannot tell:
  /// its further entries are positions of a full job, which lie outside of a smaller job's window.)
  private func lastRowPointers(
    _ window: UnsafePointer<Float>, offsets: UnsafePointer<Int>, count: Int
  ) -> Kernel.RowPointers {
    withScratch(Int.self, count: Kernel.rows) { clamped in
      for index in 0..<Kernel.rows { clamped[index] = offsets[min(index, count - 1)] }
      return Kernel.rowPointers(window, offsets: clamped)
    }
  }

  /// Lends the source window of a job: the image itself, or a padded copy.
  @inline(__always)
  private func withSource(
    _ source: UnsafePointer<Float>, image: Int, images: Int, row: Int, rows: Int,
    _ body: (UnsafePointer<Float>) -> Void
  ) {
    let size = plan.sourceHeight * plan.sourceWidth * plan.sourceChannels
    let firstRow = plan.sourceRow + row * plan.step
    guard schedule.padded else {
      body(source + image * size + (firstRow * plan.sourceWidth + plan.sourceColumn) * plan.sourceChannels)
      return
    }
    withScratch(Float.self, count: images * schedule.imageStride) { window in
      for index in 0..<images {
        PaddedCopy.copy(
          source + (image + index) * size, height: plan.sourceHeight, width: plan.sourceWidth,
          channels: plan.sourceChannels, row: firstRow, column: plan.sourceColumn, rows: windowRows(rows),
          columns: plan.windowWidth, into: window + index * schedule.imageStride)
      }
      body(window)
    }
  }
}
