/// Sizes at which the weight gradient changes its way.
enum WeightGradientLimits {
  /// Above this many weights, a chunk's own sums cost more than they bring: one sum, threads share out the weights.
  static let chunkedWeights = 160_000
}

/// The weight gradient of a convolution as an implicit matrix product: the rows of the register tile are neighbouring entries of a
/// filter (taps and source channels, contiguous in the image), its columns output channels, the depth runs over pixels.
///
/// The batch is cut into units of about 140 pixels, which stay in L1, and the units into a fixed number of chunks; chunks are summed
/// by themselves and then added in order, so the result does not depend on the thread count.
struct WeightGradient<Kernel: MicroKernel> where Kernel.Row.Scalar == Float {
  /// A stretch of filter entries that lie side by side in the image.
  private struct Run {
    /// Distance from the position's first tap.
    let offset: Int
    let length: Int
    /// Index of its first row in the sums; runs start at multiples of the tile's height.
    let firstRow: Int
  }

  /// Pixels of a unit that lie at a constant distance from each other.
  private struct Segment {
    let offset: Int
    let length: Int
  }

  private static var unitPixels: Int { 144 }
  private let plan: ConvPlan
  private let geometry: ConvGeometry
  private let panels: Int
  private let padded: Bool
  /// Pixels from one row of the memory that the kernel reads to the next, and floats from one image to the next.
  private let rowWidth: Int
  private let imageStride: Int
  private let chunks: Int
  private let imagesPerUnit: Int
  private let rowsPerUnit: Int
  private let bands: Int
  private let runs: [Run]
  private let sumRows: Int

  init(_ g: ConvGeometry) {
    geometry = g
    plan = .forward(g)
    panels = ConvWeights.panels(plan, panelWidth: Kernel.columns)
    padded = plan.needsPadding
    chunks = plan.depth * g.outputChannels > WeightGradientLimits.chunkedWeights ? 1 : ReductionChunks.count
    let pixels = plan.rows * plan.columns
    imagesPerUnit = max(1, min(g.batch, Self.unitPixels / pixels))
    let wantedBands = (pixels + Self.unitPixels - 1) / Self.unitPixels
    rowsPerUnit = imagesPerUnit > 1 ? plan.rows : (plan.rows + wantedBands - 1) / wantedBands
    bands = (plan.rows + rowsPerUnit - 1) / rowsPerUnit
    rowWidth = padded ? plan.windowWidth : plan.sourceWidth
    let windowRows = (rowsPerUnit - 1) * plan.step + plan.tapHeight
    imageStride = (padded ? windowRows : plan.sourceHeight) * rowWidth * plan.sourceChannels
    (runs, sumRows) = Self.findRuns(plan, rowWidth: rowWidth)
  }

  private func windowRows(_ rows: Int) -> Int { (rows - 1) * plan.step + plan.tapHeight }
  private var panelSumSize: Int { sumRows * Kernel.columns }
  private var chunkSumSize: Int { plan.groups * panels * panelSumSize }

  /// Writes the gradient in OIHW order.
  func run(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let units = (plan.batch + imagesPerUnit - 1) / imagesPerUnit * bands
    let panelGroups = max(1, min(panels, (Threads.count + chunks - 1) / chunks))
    withScratch(Float.self, count: chunks * chunkSumSize) { sums in
      parallelFor(chunks * panelGroups) { job in
        let chunk = job / panelGroups
        let group = job % panelGroups
        let unitRange = chunks == 1 ? 0..<units : ReductionChunks.range(chunk, of: units)
        sum(
          unitRange, panels: group * panels / panelGroups..<(group + 1) * panels / panelGroups, input: input,
          outputGradient: outputGradient, into: sums + chunk * chunkSumSize)
      }
      collect(sums, into: target)
    }
  }

  /// Sums all products of some units into some panels.
  private func sum(
    _ units: Range<Int>, panels: Range<Int>, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    for group in 0..<plan.groups {
      let first = sums + (group * self.panels + panels.lowerBound) * panelSumSize
      first.update(repeating: 0, count: panels.count * panelSumSize)
    }
    let segmentCapacity = imagesPerUnit * rowsPerUnit
    withScratch(Segment.self, count: segmentCapacity) { segments in
      var segmentShape = (images: 0, rows: 0)
      var count = 0
      for unit in units {
        let image = unit / bands * imagesPerUnit
        let images = min(imagesPerUnit, plan.batch - image)
        let row = unit % bands * rowsPerUnit
        let rows = min(rowsPerUnit, plan.rows - row)
        if segmentShape != (images, rows) {
          count = fillSegments(segments, images: images, rows: rows)
          segmentShape = (images, rows)
        }
        let segmentBuffer = UnsafeBufferPointer(start: segments, count: count)
        let firstPixel = (image * plan.rows + row) * plan.columns
        withSource(input, image: image, images: images, row: row, rows: rows) { window in
          for group in 0..<plan.groups {
            for panel in panels {
              withGradientPanel(
                outputGradient, group: group, panel: panel, firstPixel: firstPixel,
                pixels: images * rows * plan.columns
              ) { gradient in
                accumulate(
                  segmentBuffer, window + group * plan.groupSources, gradient,
                  into: sums + (group * self.panels + panel) * panelSumSize)
              }
            }
          }
        }
      }
    }
  }

  /// The innermost loops: all filter entries of one panel over the pixels of one unit.
  @inline(never)
  private func accumulate(
    _ segments: UnsafeBufferPointer<Segment>, _ window: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let pixelStride = plan.step * plan.sourceChannels
    runs.withUnsafeBufferPointer { runs in
      for run in runs {
        var row = 0
        while row < run.length {
          let rows = Kernel.rowPointers(window + run.offset + row, stride: 1)
          var tile = Kernel.zero
          var panel = gradient
          for segment in segments {
            Kernel.accumulate(
              &tile, rows, offset: segment.offset, depth: segment.length, depthStride: pixelStride, panel)
            panel += segment.length * Kernel.columns
          }
          TileStore.store(
            Kernel.self, tile, sums + (run.firstRow + row) * Kernel.columns, height: Kernel.rows,
            width: Kernel.columns, accumulate: true, offset: { $0 * Kernel.columns })
          row += Kernel.rows
        }
      }
    }
  }

  /// Adds the chunks in order and writes OIHW.
  private func collect(_ sums: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let area = geometry.kernelHeight * geometry.kernelWidth
    // Row of the sums for every filter entry [tap][source].
    var rowOfEntry: [Int] = []
    for run in runs {
      for index in 0..<run.length { rowOfEntry.append(run.firstRow + index) }
    }
    let sources = plan.groupSources
    rowOfEntry.withUnsafeBufferPointer { rowOfEntry in
      parallelRanges(geometry.outputChannels, grain: max(1, 4096 / max(1, plan.depth)), alignment: 1) { channels in
        for channel in channels {
          let lane = channel % plan.groupTargets
          let panel = channel / plan.groupTargets * panels + lane / Kernel.columns
          let base = sums + panel * panelSumSize + lane % Kernel.columns
          for (index, tap) in plan.taps.enumerated() {
            let position = tap.kernelRow * geometry.kernelWidth + tap.kernelColumn
            for source in 0..<sources {
              let entry = base + rowOfEntry[index * sources + source] * Kernel.columns
              var total: Float = entry[0]
              for chunk in 1..<max(1, chunks) { total += entry[chunk * chunkSumSize] }
              target[(channel * sources + source) * area + position] = total
            }
          }
        }
      }
    }
  }

  private func fillSegments(_ segments: UnsafeMutablePointer<Segment>, images: Int, rows: Int) -> Int {
    var count = 0
    for image in 0..<images {
      for row in 0..<rows {
        let offset = image * imageStride + row * plan.step * rowWidth * plan.sourceChannels
        let previous = count > 0 ? segments[count - 1] : Segment(offset: 0, length: 0)
        if count > 0 && previous.offset + previous.length * plan.step * plan.sourceChannels == offset {
          segments[count - 1] = Segment(offset: previous.offset, length: previous.length + plan.columns)
        } else {
          segments[count] = Segment(offset: offset, length: plan.columns)
          count += 1
        }
      }
    }
    return count
  }

  /// Lends the output gradient of one panel, `Kernel.columns` lanes per pixel.
  @inline(__always)
  private func withGradientPanel(
    _ gradient: UnsafePointer<Float>, group: Int, panel: Int, firstPixel: Int, pixels: Int,
    _ body: (UnsafePointer<Float>) -> Void
  ) {
    let channel = group * plan.groupTargets + panel * Kernel.columns
    let source = gradient + firstPixel * plan.targetChannels + channel
    if plan.targetChannels == Kernel.columns && plan.groups == 1 {
      body(source)
      return
    }
    withScratch(Float.self, count: pixels * Kernel.columns) { packed in
      GemmPacking.packColumns(
        LineView(pointer: source, lineStride: 1, stepStride: plan.targetChannels), depth: pixels,
        width: min(Kernel.columns, plan.groupTargets - panel * Kernel.columns), panelWidth: Kernel.columns,
        into: packed)
      body(packed)
    }
  }

  /// Lends the source window of a unit: the image itself, or a padded copy.
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

  private static func findRuns(_ plan: ConvPlan, rowWidth: Int) -> ([Run], Int) {
    var stretches: [(offset: Int, length: Int)] = []
    for tap in plan.taps {
      let offset = (tap.row * rowWidth + tap.column) * plan.sourceChannels
      if let last = stretches.last, last.offset + last.length == offset {
        stretches[stretches.count - 1].length += plan.groupSources
      } else {
        stretches.append((offset: offset, length: plan.groupSources))
      }
    }
    var runs: [Run] = []
    var rows = 0
    for stretch in stretches {
      runs.append(Run(offset: stretch.offset, length: stretch.length, firstRow: rows))
      rows += (stretch.length + Kernel.rows - 1) / Kernel.rows * Kernel.rows
    }
    return (runs, rows)
  }
}
