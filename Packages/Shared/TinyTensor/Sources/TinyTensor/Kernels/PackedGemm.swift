import TinyTensorShims

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

  typealias Word = Kernel.Word

  /// `C (+)= A · B`, with the depth `k` counted in words.
  static func multiply<A: LeftOperand, B: RightOperand>(
    m: Int, n: Int, k: Int, a: A, b: B, c: UnsafeMutablePointer<Word>, rowStrideC: Int, accumulate: Bool
  ) where A.Word == Word, B.Word == Word {
    for columnStart in stride(from: 0, to: n, by: columnBlock) {
      let columns = min(columnBlock, n - columnStart)
      let panels = (columns + Kernel.columns - 1) / Kernel.columns
      withScratch(Word.self, count: panels * Kernel.columns * min(k, depthBlock)) { packedB in
        for depthStart in stride(from: 0, to: k, by: depthBlock) {
          let depth = min(depthBlock, k - depthStart)
          let source = b.from(line: columnStart, step: depthStart)
          parallelRanges(panels, grain: max(1, 16_384 / (depth * Kernel.columns)), alignment: 1) { range in
            for panel in range {
              let column = panel * Kernel.columns
              source.from(line: column, step: 0).packColumns(
                min(Kernel.columns, columns - column), panelWidth: Kernel.columns, depth: depth,
                into: packedB + column * depth)
            }
          }
          multiplyBlock(
            m: m, columns: columns, depth: depth, a: a.from(line: 0, step: depthStart), packedB: packedB,
            c: c + columnStart,
            rowStrideC: rowStrideC, accumulate: accumulate || depthStart > 0)
        }
      }
    }
  }

  /// All rows of C times one packed block of B, split over a grid of row blocks and groups of panels.
  private static func multiplyBlock<A: LeftOperand>(
    m: Int, columns: Int, depth: Int, a: A, packedB: UnsafePointer<Word>, c: UnsafeMutablePointer<Word>,
    rowStrideC: Int, accumulate: Bool
  ) where A.Word == Word {
    let panels = (columns + Kernel.columns - 1) / Kernel.columns
    let threads = m * columns * depth < 1 << 16 ? 1 : Threads.count
    // Blocks of equal height up to one tile: small enough for L2, and as many for each thread, at best several.
    let tiles = (m + Kernel.rows - 1) / Kernel.rows
    let wantedBlocks = max((m + rowBlock - 1) / rowBlock, min(2 * threads, tiles / 4), 1)
    let blocks = min(tiles, wantedBlocks < threads ? wantedBlocks : (wantedBlocks + threads - 1) / threads * threads)
    // Few rows: split the columns as well; a block of A is then packed once per group.
    let groups = max(1, min(panels, (threads + blocks - 1) / blocks))
    let compute = { (job: Int) in
      let group = job % groups
      let block = job / groups
      let row = block * tiles / blocks * Kernel.rows
      multiplyRows(
        rows: min(m, (block + 1) * tiles / blocks * Kernel.rows) - row,
        panels: group * panels / groups..<(group + 1) * panels / groups, columns: columns, depth: depth,
        a: a.from(line: row, step: 0), packedB: packedB, c: c + row * rowStrideC, rowStrideC: rowStrideC,
        accumulate: accumulate)
    }
    if threads == 1 {
      for job in 0..<blocks * groups { compute(job) }
    } else {
      parallelFor(blocks * groups, compute)
    }
  }

  /// One block of rows times some packed panels.
  private static func multiplyRows<A: LeftOperand>(
    rows: Int, panels: Range<Int>, columns: Int, depth: Int, a: A, packedB: UnsafePointer<Word>,
    c: UnsafeMutablePointer<Word>, rowStrideC: Int, accumulate: Bool
  ) where A.Word == Word {
    let rowPanels = (rows + Kernel.rows - 1) / Kernel.rows
    withScratch(Word.self, count: rowPanels * Kernel.rows * depth) { packedA in
      for rowPanel in 0..<rowPanels {
        let row = rowPanel * Kernel.rows
        a.from(line: row, step: 0).packRows(
          min(Kernel.rows, rows - row), tileRows: Kernel.rows, depth: depth, into: packedA + row * depth)
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
