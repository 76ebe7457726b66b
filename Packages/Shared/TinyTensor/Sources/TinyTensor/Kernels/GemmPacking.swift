/// Rearranges operands into the order in which the micro-kernel reads them.
enum GemmPacking {
  /// Packs `width` columns of B: `panelWidth` words per step of depth, zeros beyond `width`.
  static func packColumns<Word: TileWord>(
    _ b: LineView<Word>, depth: Int, width: Int, panelWidth: Int, into target: UnsafeMutablePointer<Word>
  ) {
    if b.lineStride == 1 {
      for step in 0..<depth {
        let output = target + step * panelWidth
        let source = b.at(line: 0, step: step)
        if width == panelWidth {
          for column in stride(from: 0, to: width, by: 8) {
            storeRow(loadRow(source + column) as SIMD8<Word>, output + column)
          }
        } else {
          TileStore.copyPart(source, output, width: width)
          for column in width..<panelWidth { output[column] = 0 }
        }
      }
      return
    }
    var column = 0
    while column + 8 <= width {
      interleave8(b.from(line: column, step: 0), depth: depth, target + column, panelWidth)
      column += 8
    }
    while column < width {
      let source = b.at(line: column, step: 0)
      for step in 0..<depth { target[step * panelWidth + column] = source[step * b.stepStride] }
      column += 1
    }
    while column < panelWidth {
      for step in 0..<depth { target[step * panelWidth + column] = 0 }
      column += 1
    }
  }

  /// Packs up to `tileRows` rows of A: `tileRows` words per step of depth, zeros beyond `rows`.
  static func packRows<Word: TileWord>(
    _ a: LineView<Word>, rows: Int, tileRows: Int, depth: Int, into target: UnsafeMutablePointer<Word>
  ) {
    guard rows == tileRows else {
      target.update(repeating: 0, count: tileRows * depth)
      for row in 0..<rows {
        let source = a.at(line: row, step: 0)
        for step in 0..<depth { target[step * tileRows + row] = source[step * a.stepStride] }
      }
      return
    }
    if a.lineStride == 1 {
      for step in 0..<depth {
        let source = a.at(line: 0, step: step)
        let output = target + step * tileRows
        for row in stride(from: 0, to: tileRows, by: 2) {
          storeRow(loadRow(source + row) as SIMD2<Word>, output + row)
        }
      }
      return
    }
    var step = 0
    if a.stepStride == 1 {
      // Blocks of eight rows that together cover the tile. A tile of six takes its last row three times; the surplus lanes land
      // where the next step, or slack, follows.
      let last = tileRows - 1
      while step + 8 <= depth {
        let output = target + step * tileRows
        for first in stride(from: 0, through: max(0, tileRows - 8), by: 4) {
          Transpose.block8(
            { loadRow(a.at(line: min(first + $0, last), step: step)) }, output + first, targetStride: tileRows)
        }
        step += 8
      }
    }
    while step < depth {
      let output = target + step * tileRows
      for row in 0..<tileRows { output[row] = a.at(line: row, step: step).pointee }
      step += 1
    }
  }

  /// Transposes eight lines into eight neighbouring lanes of a panel.
  @inline(__always)
  private static func interleave8<Word: TileWord>(
    _ source: LineView<Word>, depth: Int, _ target: UnsafeMutablePointer<Word>, _ panelWidth: Int
  ) {
    let base = source.pointer
    var step = 0
    if source.stepStride == 1 {
      while step + 8 <= depth {
        Transpose.block8(
          { loadRow(base + step + $0 * source.lineStride) }, target + step * panelWidth, targetStride: panelWidth)
        step += 8
      }
    }
    while step < depth {
      let output = target + step * panelWidth
      for line in 0..<8 { output[line] = base[step * source.stepStride + line * source.lineStride] }
      step += 1
    }
  }
}
