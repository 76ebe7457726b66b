import Foundation

/// How a `ConvPlan` is executed with one register tile: what is done in one job, what is summed in one go, and where everything lies.
///
/// Making it takes longer than a small convolution, so those of forward passes are kept; see `forward(_:tile:)`.
struct DirectSchedule: Sendable {
  /// The size of a register tile.
  struct Tile: Hashable {
    let rows: Int
    let columns: Int
  }

  /// A stretch of the depth that is contiguous in the image for every output position, and in the weights of a panel.
  struct Run {
    let offset: Int
    let weightOffset: Int
    let length: Int
  }

  /// How the positions are divided into jobs.
  struct Partition {
    var imagesPerJob = 1
    var rowsPerBand = 1
    var panelGroups = 1
  }

  let plan: ConvPlan
  let panels: Int
  let padded: Bool
  /// Pixels from one row of the memory that the kernel reads to the next, and floats from one image to the next.
  let rowWidth: Int
  let imageStride: Int
  let partition: Partition
  let runs: [Run]
  /// Runs that are summed in one go.
  let blocks: [Range<Int>]
  /// Offsets of all positions of a job, relative to its first, the same for every job; filled up to whole tiles.
  let sources: [Int]
  let targets: [Int]

  /// The schedules of a whole plan, in regions where that saves products with padding.
  static func parts(of plan: ConvPlan, tile: Tile) -> [DirectSchedule] {
    plan.trimmed(tileRows: tile.rows).map { DirectSchedule($0, tile: tile) }
  }

  /// The schedules of a forward pass. They are made once per geometry, tile and number of threads.
  static func forward(_ geometry: ConvGeometry, tile: Tile) -> [DirectSchedule] {
    kept.schedules(Key(geometry: geometry, tile: tile, threads: Threads.count)) {
      parts(of: .forward(geometry), tile: tile)
    }
  }

  /// Lends the tables of positions.
  @inline(__always)
  func withTables(_ body: (_ sources: UnsafePointer<Int>, _ targets: UnsafePointer<Int>) -> Void) {
    sources.withUnsafeBufferPointer { sources in
      targets.withUnsafeBufferPointer { targets in
        guard let sources = sources.baseAddress, let targets = targets.baseAddress else { return }
        body(sources, targets)
      }
    }
  }

  private struct Key: Hashable {
    let geometry: ConvGeometry
    let tile: Tile
    let threads: Int
  }

  private static let kept = Kept()

  /// The schedules that were made, up to a number that a few networks need.
  private final class Kept: @unchecked Sendable {
    private static let limit = 128
    private let lock = NSLock()
    private var schedules: [Key: [DirectSchedule]] = [:]

    func schedules(_ key: Key, make: () -> [DirectSchedule]) -> [DirectSchedule] {
      if let found = lock.withLock({ schedules[key] }) { return found }
      let made = make()
      lock.withLock {
        if schedules.count >= Self.limit { schedules.removeAll(keepingCapacity: true) }
        schedules[key] = made
      }
      return made
    }
  }

  private init(_ plan: ConvPlan, tile: Tile) {
    self.plan = plan
    panels = ConvWeights.panels(plan, panelWidth: tile.columns)
    padded = plan.needsPadding
    partition = Self.divide(plan, panels: panels)
    rowWidth = padded ? plan.windowWidth : plan.sourceWidth
    let windowRows = (partition.rowsPerBand - 1) * plan.step + plan.tapHeight
    imageStride = (padded ? windowRows : plan.sourceHeight) * rowWidth * plan.sourceChannels
    (runs, blocks) = Self.divideDepth(plan, rowWidth: rowWidth, columns: tile.columns)
    (sources, targets) = Self.positions(
      plan, partition, rowWidth: rowWidth, imageStride: imageStride, tileRows: tile.rows)
  }

  /// Weights of at most this depth stay in L1 together with the positions in work.
  private static func depthLimit(columns: Int) -> Int { 320 * 16 / columns }
  /// Scratch for padded images per job, in floats.
  private static var scratchLimit: Int { 24_576 }

  private static func positions(
    _ plan: ConvPlan, _ partition: Partition, rowWidth: Int, imageStride: Int, tileRows: Int
  ) -> (sources: [Int], targets: [Int]) {
    let count = partition.imagesPerJob * partition.rowsPerBand * plan.columns
    var (sources, targets) = ([Int](), [Int]())
    sources.reserveCapacity(count + tileRows)
    targets.reserveCapacity(count + tileRows)
    for image in 0..<partition.imagesPerJob {
      for row in 0..<partition.rowsPerBand {
        for column in 0..<plan.columns {
          sources.append(image * imageStride + (row * rowWidth + column) * plan.step * plan.sourceChannels)
          let pixel = (image * plan.targetHeight + row * plan.targetStep) * plan.targetWidth + column * plan.targetStep
          targets.append(pixel * plan.targetChannels)
        }
      }
    }
    while sources.count % tileRows != 0 {
      sources.append(sources[sources.count - 1])
      targets.append(targets[targets.count - 1])
    }
    return (sources, targets)
  }

  /// Cuts the depth into blocks of equal length, and these into contiguous runs.
  private static func divideDepth(_ plan: ConvPlan, rowWidth: Int, columns: Int) -> ([Run], [Range<Int>]) {
    let channels = plan.groupSources
    var stretches: [Run] = []
    for tap in plan.taps {
      let offset = (tap.row * rowWidth + tap.column) * plan.sourceChannels
      let weightOffset = tap.index * channels * columns
      if let last = stretches.last, last.offset + last.length == offset,
        last.weightOffset + last.length * columns == weightOffset
      {
        stretches[stretches.count - 1] = Run(
          offset: last.offset, weightOffset: last.weightOffset, length: last.length + channels)
      } else {
        stretches.append(Run(offset: offset, weightOffset: weightOffset, length: channels))
      }
    }
    let count = max(1, (plan.depth + depthLimit(columns: columns) - 1) / depthLimit(columns: columns))
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
            offset: stretch.offset + used, weightOffset: stretch.weightOffset + used * columns, length: length))
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
