/// The weight gradient of a 3×3 stride-1 convolution by the transpose of Winograd's algorithm:
///
///     ∂g = Gᵀ [ Σ over tiles of (Bᵀ d B) ⊙ (A ∂y Aᵀ) ] G
///
/// The sum over tiles is 36 matrix products, one per point, whose rows are source channels, whose columns are target channels and
/// whose depth runs over tiles: a quarter of the products of the sum over pixels. `Gᵀ … G` is applied once, to the sum.
///
/// Tiles are cut into blocks, and these into a fixed number of chunks, which are summed by themselves and added in order, so the
/// result does not depend on the thread count.
struct WinogradWeightGradient<Kernel: MicroKernel> where Kernel.Row.Scalar == Float {
  private typealias Transform = WinogradTransform
  private typealias Vector = WinogradTransform.Vector

  private let grid: WinogradGrid
  private let panels: Int
  private let chunks: Int
  private let blockTiles: Int
  private let inputStride: Int
  private let gradientStride: Int
  /// Source channels, rounded up to whole register tiles.
  private let sumRows: Int

  init(_ g: ConvGeometry) {
    grid = .forward(g)
    panels = WinogradWeights.panels(targets: grid.targetChannels, panelWidth: Kernel.columns)
    // The sums of a chunk are four times as large as the weights: many chunks of many weights would cost more than they bring.
    chunks = grid.sourceChannels * grid.targetChannels > 4096 ? 2 : ReductionChunks.count
    // Deep enough to pay for loading and storing the sums, inputs of at most 384 KiB unless there are very many channels.
    blockTiles = min(96, max(32, 98_304 / (Transform.products * grid.sourceChannels)))
    inputStride = Self.oddLines(blockTiles * grid.sourceChannels)
    gradientStride = Self.oddLines(blockTiles * Kernel.columns)
    sumRows = (grid.sourceChannels + Kernel.rows - 1) / Kernel.rows * Kernel.rows
  }

  private static func oddLines(_ floats: Int) -> Int { ((floats + 15) / 16 | 1) * 16 }

  private var pointSums: Int { sumRows * Kernel.columns }
  private var panelSums: Int { Transform.products * pointSums }
  private var chunkSums: Int { panels * panelSums }

  /// Writes the gradient in OIHW order.
  func run(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    let blocks = (grid.tiles + blockTiles - 1) / blockTiles
    let panelGroups = max(1, min(panels, (Threads.count + chunks - 1) / chunks))
    withScratch(Float.self, count: chunks * chunkSums) { sums in
      parallelFor(chunks * panelGroups) { job in
        let (chunk, group) = job.quotientAndRemainder(dividingBy: panelGroups)
        sum(
          blocks: chunk * blocks / chunks..<(chunk + 1) * blocks / chunks,
          panels: group * panels / panelGroups..<(group + 1) * panels / panelGroups,
          WinogradInput(grid: grid, source: input), WinogradOutputGradient(grid: grid, gradient: outputGradient),
          into: sums + chunk * chunkSums)
      }
      collect(sums, into: target)
    }
  }

  /// Sums all products of some blocks into some panels.
  private func sum(
    blocks: Range<Int>, panels: Range<Int>, _ input: WinogradInput, _ gradient: WinogradOutputGradient,
    into sums: UnsafeMutablePointer<Float>
  ) {
    (sums + panels.lowerBound * panelSums).update(repeating: 0, count: panels.count * panelSums)
    let inputCount = Transform.products * inputStride
    let gradientCount = Transform.products * gradientStride
    withScratch(Float.self, count: inputCount + gradientCount + WinogradInput.scratchCount) { values in
      let gradients = values + inputCount
      let scratch = gradients + gradientCount
      for block in blocks {
        let tiles = block * blockTiles..<min(grid.tiles, (block + 1) * blockTiles)
        input.transform(tiles, into: values, pointStride: inputStride, scratch: scratch)
        for panel in panels {
          gradient.transform(
            tiles, channel: panel * Kernel.columns, panelWidth: Kernel.columns, into: gradients,
            pointStride: gradientStride, scratch: scratch)
          accumulate(values, gradients, tiles: tiles.count, into: sums + panel * panelSums)
        }
      }
    }
  }

  /// The innermost loops: the products of a block of tiles with one panel at all points.
  @inline(never)
  private func accumulate(
    _ values: UnsafePointer<Float>, _ gradients: UnsafePointer<Float>, tiles: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    for point in 0..<Transform.products {
      for channel in stride(from: 0, to: grid.sourceChannels, by: Kernel.rows) {
        // Rows beyond the last channel read the next tile's, or what lies behind; nobody uses their sums.
        let rows = Kernel.rowPointers(values + point * inputStride + channel, stride: 1)
        var tile = Kernel.zero
        Kernel.accumulate(
          &tile, rows, offset: 0, depth: tiles, depthStride: grid.sourceChannels, gradients + point * gradientStride)
        let output = sums + point * pointSums + channel * Kernel.columns
        Kernel.forEachRow(tile) { row, value in
          let place = output + row * Kernel.columns
          storeRow(Kernel.Step.add(loadRow(place), value), place)
        }
      }
    }
  }

  /// Adds the chunks in order, applies `Gᵀ … G` and writes OIHW.
  private func collect(_ sums: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let sources = grid.sourceChannels
    parallelRanges(panels * sources, grain: 128, alignment: 1) { range in
      withScratch(Float.self, count: (36 + 18 + 9) * 8) { total in
        let (rows, filters) = (total + 36 * 8, total + 54 * 8)
        for job in range {
          let (panel, source) = job.quotientAndRemainder(dividingBy: sources)
          for lane in stride(from: 0, to: Kernel.columns, by: 8) {
            let first = panel * Kernel.columns + lane
            guard first < grid.targetChannels else { break }
            let entry = sums + panel * panelSums + source * Kernel.columns + lane
            for point in 0..<Transform.products {
              var sum: Vector = loadRow(entry + point * pointSums)
              for chunk in 1..<chunks { sum += loadRow(entry + chunk * chunkSums + point * pointSums) as Vector }
              storeRow(sum, total + point * 8)
            }
            for column in 0..<Transform.inputSide {
              Transform.filterGradient({ loadRow(total + ($0 * 6 + column) * 8) }) {
                storeRow($1, rows + ($0 * 6 + column) * 8)
              }
            }
            for row in 0..<3 {
              Transform.filterGradient({ loadRow(rows + (row * 6 + $0) * 8) }) {
                storeRow($1, filters + (row * 3 + $0) * 8)
              }
            }
            for channel in first..<min(first + 8, grid.targetChannels) {
              let filter = target + (channel * sources + source) * 9
              for tap in 0..<9 { filter[tap] = filters[tap * 8 + channel - first] }
            }
          }
        }
      }
    }
  }
}
