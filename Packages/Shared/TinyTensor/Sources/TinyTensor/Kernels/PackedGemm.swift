import TinyTensorShims

/// One operand of a matrix product: a pointer and its two strides.
struct MatrixView {
  let pointer: UnsafePointer<Float>
  let rowStride: Int
  let columnStride: Int

  @inline(__always)
  func at(_ row: Int, _ column: Int) -> UnsafePointer<Float> { pointer + row * rowStride + column * columnStride }

  /// The part that starts at the given element.
  @inline(__always)
  func from(_ row: Int, _ column: Int) -> MatrixView {
    MatrixView(pointer: at(row, column), rowStride: rowStride, columnStride: columnStride)
  }
}

/// The blocked matrix product of Goto & van de Geijn (2008): panels of B in L1, a block of A in L2, the register tile innermost.
///
/// Every element of C is the sum over blocks of K in order, each summed in the order of the micro-kernel; who computes a tile
/// does not matter, so results are independent of the thread count.
enum PackedGemm<Kernel: MicroKernel> {
  /// Depth of a block: one panel of B takes 20 of the 32 KiB of L1, a panel of A another 8.
  static var depthBlock: Int { 320 * 16 / Kernel.columns }
  /// Rows of a block of A: with its depth 180 KiB, well inside L2.
  static var rowBlock: Int { 144 * Kernel.columns / 16 }
  /// Columns that are packed at a time.
  static var columnBlock: Int { 3072 }

  static func multiply(
    m: Int, n: Int, k: Int, a: MatrixView, b: MatrixView, c: UnsafeMutablePointer<Float>, rowStrideC: Int,
    accumulate: Bool
  ) {
    for columnStart in stride(from: 0, to: n, by: columnBlock) {
      let columns = min(columnBlock, n - columnStart)
      let panels = (columns + Kernel.columns - 1) / Kernel.columns
      withScratch(Float.self, count: panels * Kernel.columns * min(k, depthBlock)) { packedB in
        for depthStart in stride(from: 0, to: k, by: depthBlock) {
          let depth = min(depthBlock, k - depthStart)
          let source = b.from(depthStart, columnStart)
          parallelRanges(panels, grain: max(1, 16_384 / (depth * Kernel.columns)), alignment: 1) { range in
            for panel in range {
              GemmPacking.packColumns(
                source.from(0, panel * Kernel.columns), depth: depth,
                width: min(Kernel.columns, columns - panel * Kernel.columns),
                panelWidth: Kernel.columns, into: packedB + panel * Kernel.columns * depth)
            }
          }
          multiplyBlock(
            m: m, columns: columns, depth: depth, a: a.from(0, depthStart), packedB: packedB, c: c + columnStart,
            rowStrideC: rowStrideC, accumulate: accumulate || depthStart > 0)
        }
      }
    }
  }

  /// All rows of C times one packed block of B, split over a grid of row blocks and groups of panels.
  private static func multiplyBlock(
    m: Int, columns: Int, depth: Int, a: MatrixView, packedB: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    rowStrideC: Int, accumulate: Bool
  ) {
    let panels = (columns + Kernel.columns - 1) / Kernel.columns
    let threads = m * columns * depth < 1 << 16 ? 1 : Threads.count
    // Blocks of equal height, a multiple of the tile; small enough that every thread gets several.
    let wantedBlocks = max((m + rowBlock - 1) / rowBlock, min(2 * threads, m / (4 * Kernel.rows)), 1)
    let tilesPerBlock = ((m + Kernel.rows - 1) / Kernel.rows + wantedBlocks - 1) / wantedBlocks
    let rowsPerBlock = tilesPerBlock * Kernel.rows
    let blocks = (m + rowsPerBlock - 1) / rowsPerBlock
    // Few rows: split the columns as well; a block of A is then packed once per group.
    let groups = max(1, min(panels, (threads + blocks - 1) / blocks))
    let compute = { (job: Int) in
      let group = job % groups
      let rowStart = job / groups * rowsPerBlock
      multiplyRows(
        rows: min(rowsPerBlock, m - rowStart), panels: group * panels / groups..<(group + 1) * panels / groups,
        columns: columns, depth: depth, a: a.from(rowStart, 0), packedB: packedB, c: c + rowStart * rowStrideC,
        rowStrideC: rowStrideC, accumulate: accumulate)
    }
    if threads == 1 {
      for job in 0..<blocks * groups { compute(job) }
    } else {
      parallelFor(blocks * groups, compute)
    }
  }

  /// One block of rows times some packed panels.
  private static func multiplyRows(
    rows: Int, panels: Range<Int>, columns: Int, depth: Int, a: MatrixView, packedB: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, rowStrideC: Int, accumulate: Bool
  ) {
    let rowPanels = (rows + Kernel.rows - 1) / Kernel.rows
    withScratch(Float.self, count: rowPanels * Kernel.rows * depth) { packedA in
      for rowPanel in 0..<rowPanels {
        let row = rowPanel * Kernel.rows
        GemmPacking.packRows(
          a.from(row, 0), rows: min(Kernel.rows, rows - row), tileRows: Kernel.rows, depth: depth,
          into: packedA + row * depth)
      }
      for panel in panels {
        let column = panel * Kernel.columns
        let width = min(Kernel.columns, columns - column)
        let panelB = packedB + column * depth
        for rowPanel in 0..<rowPanels {
          let row = rowPanel * Kernel.rows
          var tile = Kernel.zero
          if accumulate {
            // The tile's lines of C are needed only at the end; fetch them while the products are summed.
            for line in 0..<min(Kernel.rows, rows - row) { tt_prefetch(c + (row + line) * rowStrideC + column) }
          }
          Kernel.accumulate(
            &tile, Kernel.rowPointers(packedA + row * depth, stride: 1), offset: 0, depth: depth,
            depthStride: Kernel.rows, panelB)
          TileStore.store(
            Kernel.self, tile, c + row * rowStrideC + column, height: min(Kernel.rows, rows - row), width: width,
            accumulate: accumulate, offset: { $0 * rowStrideC })
        }
      }
    }
  }
}
