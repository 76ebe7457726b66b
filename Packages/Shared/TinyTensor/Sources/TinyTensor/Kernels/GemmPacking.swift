/// Rearranges operands into the order in which the micro-kernel reads them.
enum GemmPacking {
  /// Packs `width` columns of B: `panelWidth` values per step of depth, zeros beyond `width`.
  static func packColumns(
    _ b: MatrixView, depth: Int, width: Int, panelWidth: Int, into target: UnsafeMutablePointer<Float>
  ) {
    if b.columnStride == 1 {
      for step in 0..<depth {
        let output = target + step * panelWidth
        let source = b.at(step, 0)
        if width == panelWidth {
          for column in stride(from: 0, to: width, by: 8) {
            storeRow(loadRow(source + column) as SIMD8<Float>, output + column)
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
      interleave8(
        b.from(0, column), lineStride: b.columnStride, stepStride: b.rowStride, depth: depth, target + column,
        panelWidth)
      column += 8
    }
    while column < width {
      let source = b.at(0, column)
      for step in 0..<depth { target[step * panelWidth + column] = source[step * b.rowStride] }
      column += 1
    }
    while column < panelWidth {
      for step in 0..<depth { target[step * panelWidth + column] = 0 }
      column += 1
    }
  }

  /// Packs up to `tileRows` rows of A: `tileRows` values per step of depth, zeros beyond `rows`.
  static func packRows(
    _ a: MatrixView, rows: Int, tileRows: Int, depth: Int, into target: UnsafeMutablePointer<Float>
  ) {
    guard rows == tileRows else {
      target.update(repeating: 0, count: tileRows * depth)
      for row in 0..<rows {
        let source = a.at(row, 0)
        for step in 0..<depth { target[step * tileRows + row] = source[step * a.columnStride] }
      }
      return
    }
    if a.rowStride == 1 {
      for step in 0..<depth {
        let source = a.at(0, step)
        let output = target + step * tileRows
        for row in stride(from: 0, to: tileRows, by: 2) {
          storeRow(loadRow(source + row) as SIMD2<Float>, output + row)
        }
      }
      return
    }
    var step = 0
    if a.columnStride == 1 {
      // Blocks of eight rows that together cover the tile. A tile of six takes its last row three times; the surplus lanes land
      // where the next step, or slack, follows.
      let last = tileRows - 1
      while step + 8 <= depth {
        let output = target + step * tileRows
        for first in stride(from: 0, through: max(0, tileRows - 8), by: 4) {
          Transpose.block8(
            { loadRow(a.at(min(first + $0, last), step)) }, output + first, targetStride: tileRows)
        }
        step += 8
      }
    }
    while step < depth {
      let output = target + step * tileRows
      for row in 0..<tileRows { output[row] = a.at(row, step).pointee }
      step += 1
    }
  }

  /// Transposes eight lines that run along the depth into eight neighbouring lanes of a panel.
  @inline(__always)
  private static func interleave8(
    _ source: MatrixView, lineStride: Int, stepStride: Int, depth: Int, _ target: UnsafeMutablePointer<Float>,
    _ panelWidth: Int
  ) {
    let base = source.pointer
    var step = 0
    if stepStride == 1 {
      while step + 8 <= depth {
        Transpose.block8(
          { loadRow(base + step + $0 * lineStride) }, target + step * panelWidth, targetStride: panelWidth)
        step += 8
      }
    }
    while step < depth {
      let output = target + step * panelWidth
      for line in 0..<8 { output[line] = base[step * stepStride + line * lineStride] }
      step += 1
    }
  }
}
