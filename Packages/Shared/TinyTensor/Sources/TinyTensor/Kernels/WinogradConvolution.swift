/// Executes a 3×3 stride-1 convolution by Winograd's F(4×4, 3×3): 36 products per tile of 16 outputs, source and target channel,
/// where the sum over nine taps takes 144.
///
/// Tiles are worked on in blocks whose transformed inputs stay in L2. For every panel of target channels, the products of a few
/// register tiles at all 36 points are made, each a small matrix product over the source channels, and turned into outputs while
/// they are in L1. A tile's result depends on its own inputs alone, neither on the block nor on the thread that computes it.
struct WinogradConvolution<Kernel: MicroKernel> where Kernel.Row.Scalar == Float {
  private typealias Transform = WinogradTransform

  /// Transformed inputs of a block: half of a common L2.
  private static var blockFloats: Int { 65_536 }
  /// Tiles whose products for 16 channels are as large as L1 and a bit: fewer would stream the weights more often.
  private static var stepLimit: Int { 24 }

  private let grid: WinogradGrid
  private let panels: Int
  /// Tiles whose inputs are transformed together, and those whose products are turned into outputs together; multiples of the
  /// register tile's rows.
  private let blockTiles: Int
  private let stepTiles: Int
  private let panelGroups: Int
  /// Floats from the matrix of one point to that of the next. An odd number of cache lines, so that the 36 values of a tile do not
  /// compete for the same lines of the cache.
  private let inputStride: Int
  private let productStride: Int

  init(_ grid: WinogradGrid) {
    self.grid = grid
    panels = WinogradWeights.panels(targets: grid.targetChannels, panelWidth: Kernel.columns)
    let rows = Kernel.rows
    let roundUp = { (count: Int) in (max(count, 1) + rows - 1) / rows * rows }
    let wanted = max(Self.stepLimit, Self.blockFloats / (Transform.products * grid.sourceChannels))
    let wantedJobs = Threads.count == 1 ? 1 : 4 * Threads.count
    let fair = (grid.tiles + wantedJobs - 1) / wantedJobs
    let most = max(rows, min(wanted, fair))
    let blocks = max(1, (grid.tiles + most - 1) / most)
    blockTiles = roundUp((grid.tiles + blocks - 1) / blocks)
    stepTiles = min(blockTiles, roundUp(Self.stepLimit))
    let jobs = (grid.tiles + blockTiles - 1) / blockTiles
    panelGroups = jobs >= Threads.count ? 1 : min(panels, (Threads.count + jobs - 1) / max(1, jobs))
    inputStride = Self.oddLines(blockTiles * grid.sourceChannels)
    productStride = Self.oddLines(stepTiles * Kernel.columns)
  }

  private static func oddLines(_ floats: Int) -> Int { ((floats + 15) / 16 | 1) * 16 }

  /// Runs with weights packed by ``WinogradWeights`` for `Kernel.columns` lanes.
  func run(
    source: UnsafePointer<Float>, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
    epilogue: Epilogue
  ) {
    let blocks = (grid.tiles + blockTiles - 1) / blockTiles
    let input = WinogradInput(grid: grid, source: source)
    let output = WinogradOutput(grid: grid, target: target, epilogue: epilogue)
    let inputCount = Transform.products * inputStride
    let productCount = Transform.products * productStride
    parallelFor(blocks * panelGroups) { job in
      let (block, group) = job.quotientAndRemainder(dividingBy: panelGroups)
      let tiles = block * blockTiles..<min(grid.tiles, (block + 1) * blockTiles)
      withScratch(Float.self, count: inputCount + productCount + WinogradInput.scratchCount) { values in
        let products = values + inputCount
        let scratch = products + productCount
        input.transform(tiles, into: values, pointStride: inputStride, scratch: scratch)
        clearRest(values, tiles: tiles.count)
        for panel in group * panels / panelGroups..<(group + 1) * panels / panelGroups {
          let channel = panel * Kernel.columns
          for first in stride(from: 0, to: tiles.count, by: stepTiles) {
            let count = min(stepTiles, tiles.count - first)
            multiply(
              values + first * grid.sourceChannels, tiles: count,
              weights: weights + panel * Transform.products * grid.sourceChannels * Kernel.columns, into: products)
            output.transform(
              tiles.lowerBound + first..<tiles.lowerBound + first + count, products: products,
              pointStride: productStride, panelWidth: Kernel.columns, channel: channel,
              width: min(Kernel.columns, grid.targetChannels - channel), scratch: scratch)
          }
        }
      }
    }
  }

  /// Zeros in the rows that complete the last register tile of an incomplete block.
  private func clearRest(_ values: UnsafeMutablePointer<Float>, tiles: Int) {
    let rest = min(blockTiles, (tiles + Kernel.rows - 1) / Kernel.rows * Kernel.rows) - tiles
    guard rest > 0 else { return }
    for point in 0..<Transform.products {
      (values + point * inputStride + tiles * grid.sourceChannels)
        .update(repeating: 0, count: rest * grid.sourceChannels)
    }
  }

  /// The innermost loops: the products of some tiles with one panel at all points.
  @inline(never)
  private func multiply(
    _ values: UnsafePointer<Float>, tiles: Int, weights: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>
  ) {
    let depth = grid.sourceChannels
    for point in 0..<Transform.products {
      let panel = weights + point * depth * Kernel.columns
      var first = 0
      while first < tiles {
        let rows = Kernel.rowPointers(values + point * inputStride + first * depth, stride: depth)
        var tile = Kernel.zero
        Kernel.accumulate(&tile, rows, offset: 0, depth: depth, depthStride: 1, panel)
        let output = products + point * productStride + first * Kernel.columns
        Kernel.forEachRow(tile) { row, value in storeRow(value, output + row * Kernel.columns) }
        first += Kernel.rows
      }
    }
  }
}
