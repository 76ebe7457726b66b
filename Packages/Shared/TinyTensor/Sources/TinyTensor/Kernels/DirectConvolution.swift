/// Executes a `ConvPlan` as an implicit matrix product: the rows of the register tile are output positions, its columns output
/// channels, the depth runs over taps and source channels right in the image. No column matrix is ever made; images that need
/// padding are copied, a few at a time, into scratch that stays in L2.
struct DirectConvolution<Kernel: MicroKernel> where Kernel.Row.Scalar == Float {
  /// A stretch of the depth that is contiguous in the image for every output position, and in the weights of a panel.
  private struct Run {
    let offset: Int
    let weightOffset: Int
    let length: Int
  }

  /// How the positions are divided into jobs.
  private struct Partition {
    var imagesPerJob = 1
    var rowsPerBand = 1
    var panelGroups = 1
  }

  /// Weights of at most this depth stay in L1 together with the positions in work.
  private static var depthLimit: Int { 320 * 16 / Kernel.columns }
  /// Scratch for padded images per job, in floats.
  private static var scratchLimit: Int { 24_576 }

  private let plan: ConvPlan
  private let panels: Int
  private let padded: Bool
  /// Pixels from one row of the memory that the kernel reads to the next, and floats from one image to the next.
  private let rowWidth: Int
  private let imageStride: Int
  private let partition: Partition
  private let runs: [Run]
  /// Runs that are summed in one go.
  private let blocks: [Range<Int>]

  /// Executes a whole plan, in regions where that saves products with padding.
  static func run(
    _ plan: ConvPlan, source: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, epilogue: Epilogue
  ) {
    for part in plan.trimmed(tileRows: Kernel.rows) {
      Self(part).run(source: source, weights: weights, target: target, epilogue: epilogue)
    }
  }

  private init(_ plan: ConvPlan) {
    self.plan = plan
    panels = ConvWeights.panels(plan, panelWidth: Kernel.columns)
    padded = plan.needsPadding
    partition = Self.divide(plan, panels: panels)
    rowWidth = padded ? plan.windowWidth : plan.sourceWidth
    let windowRows = (partition.rowsPerBand - 1) * plan.step + plan.tapHeight
    imageStride = (padded ? windowRows : plan.sourceHeight) * rowWidth * plan.sourceChannels
    (runs, blocks) = Self.divideDepth(plan, rowWidth: rowWidth)
  }

  private func windowRows(_ rows: Int) -> Int { (rows - 1) * plan.step + plan.tapHeight }

  private func run(
    source: UnsafePointer<Float>, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
    epilogue: Epilogue
  ) {
    guard plan.batch > 0 && plan.rows > 0 && plan.columns > 0 else { return }
    let bands = (plan.rows + partition.rowsPerBand - 1) / partition.rowsPerBand
    let imageGroups = (plan.batch + partition.imagesPerJob - 1) / partition.imagesPerJob
    let positions = partition.imagesPerJob * partition.rowsPerBand * plan.columns
    let tableSize = (positions + Kernel.rows - 1) / Kernel.rows * Kernel.rows
    withScratch(Int.self, count: 2 * tableSize) { table in
      fillTables(source: table, target: table + tableSize, count: tableSize)
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
            sourceTable: table, targetTable: table + tableSize)
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
    runs.withUnsafeBufferPointer { runs in
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
    _ runs: UnsafeBufferPointer<Run>, _ window: UnsafePointer<Float>, weights: UnsafePointer<Float>,
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

  /// Offsets of all positions of a job, relative to its first; the same for every job.
  private func fillTables(source: UnsafeMutablePointer<Int>, target: UnsafeMutablePointer<Int>, count: Int) {
    var index = 0
    for image in 0..<partition.imagesPerJob {
      for row in 0..<partition.rowsPerBand {
        for column in 0..<plan.columns {
          source[index] = image * imageStride + (row * rowWidth + column) * plan.step * plan.sourceChannels
          let pixel = (image * plan.targetHeight + row * plan.targetStep) * plan.targetWidth + column * plan.targetStep
          target[index] = pixel * plan.targetChannels
          index += 1
        }
      }
    }
    while index < count {
      source[index] = source[index - 1]
      target[index] = target[index - 1]
      index += 1
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
    guard padded else {
      body(source + image * size + (firstRow * plan.sourceWidth + plan.sourceColumn) * plan.sourceChannels)
      return
    }
    withScratch(Float.self, count: images * imageStride) { window in
      for index in 0..<images {
        PaddedCopy.copy(
          source + (image + index) * size, height: plan.sourceHeight, width: plan.sourceWidth,
          channels: plan.sourceChannels, row: firstRow, column: plan.sourceColumn, rows: windowRows(rows),
          columns: plan.windowWidth, into: window + index * imageStride)
      }
      body(window)
    }
  }

  /// Cuts the depth into blocks of equal length, and these into contiguous runs.
  private static func divideDepth(_ plan: ConvPlan, rowWidth: Int) -> ([Run], [Range<Int>]) {
    let channels = plan.groupSources
    var stretches: [Run] = []
    for tap in plan.taps {
      let offset = (tap.row * rowWidth + tap.column) * plan.sourceChannels
      let weightOffset = tap.index * channels * Kernel.columns
      if let last = stretches.last, last.offset + last.length == offset,
        last.weightOffset + last.length * Kernel.columns == weightOffset
      {
        stretches[stretches.count - 1] = Run(
          offset: last.offset, weightOffset: last.weightOffset, length: last.length + channels)
      } else {
        stretches.append(Run(offset: offset, weightOffset: weightOffset, length: channels))
      }
    }
    let count = max(1, (plan.depth + depthLimit - 1) / depthLimit)
    let blockDepth = (plan.depth + count - 1) / count
    var runs: [Run] = []
    var blocks: [Range<Int>] = []
    var firstRun = 0
    var filled = 0
    for stretch in stretches {
      var used = 0
      while used < stretch.length {
        let length = min(stretch.length - used, blockDepth - filled)
        runs.append(
          Run(
            offset: stretch.offset + used, weightOffset: stretch.weightOffset + used * Kernel.columns, length: length))
        used += length
        filled += length
        if filled == blockDepth {
          blocks.append(firstRun..<runs.count)
          firstRun = runs.count
          filled = 0
        }
      }
    }
    if filled > 0 { blocks.append(firstRun..<runs.count) }
    return (runs, blocks)
  }

  /// Chooses jobs whose padded source stays in L2, with enough positions to pay for streaming the weights, and enough jobs to keep
  /// all threads busy. Results do not depend on the choice.
  private static func divide(_ plan: ConvPlan, panels: Int) -> Partition {
    var partition = Partition()
    let wantedJobs = Threads.count == 1 ? 1 : 4 * Threads.count
    let imageSize = max(1, plan.windowHeight * plan.windowWidth * plan.sourceChannels)
    let imagePositions = max(1, plan.rows * plan.columns)
    partition.rowsPerBand = max(1, plan.rows)
    if imageSize <= scratchLimit {
      partition.imagesPerJob = max(1, scratchLimit / imageSize)
    } else {
      let bands = (imageSize + scratchLimit - 1) / scratchLimit
      partition.rowsPerBand = max(min(plan.rows, 4), (plan.rows + bands - 1) / bands)
    }
    // Weights beyond L2 are streamed once per job: give each job more positions.
    if plan.depth * plan.groupTargets > 65_536 && partition.rowsPerBand == plan.rows {
      partition.imagesPerJob = max(partition.imagesPerJob, (240 + imagePositions - 1) / imagePositions)
    }
    partition.imagesPerJob = min(partition.imagesPerJob, max(1, plan.batch))
    let fair = max(1, plan.batch / wantedJobs)
    if partition.imagesPerJob > fair && fair * imagePositions >= 96 { partition.imagesPerJob = fair }
    partition.imagesPerJob = max(1, min(partition.imagesPerJob, (plan.batch + Threads.count - 1) / Threads.count))
    // Too few images for all threads: bands of rows, then groups of panels.
    let imageGroups = (plan.batch + partition.imagesPerJob - 1) / partition.imagesPerJob
    if imageGroups < wantedJobs && partition.imagesPerJob == 1 && imageGroups > 0 {
      let wantedBands = (wantedJobs + imageGroups - 1) / imageGroups
      let rowsPerBand = max((plan.rows + wantedBands - 1) / wantedBands, (47 + plan.columns) / max(1, plan.columns))
      partition.rowsPerBand = max(1, min(partition.rowsPerBand, rowsPerBand))
    }
    let bands = (plan.rows + partition.rowsPerBand - 1) / max(1, partition.rowsPerBand)
    let jobs = max(1, imageGroups * bands)
    if jobs < Threads.count { partition.panelGroups = min(panels, (Threads.count + jobs - 1) / jobs) }
    return partition
  }
}
