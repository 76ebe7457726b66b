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
      interleave8(b.from(0, column), lineStride: b.columnStride, stepStride: b.rowStride, depth: depth, target + column, panelWidth)
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
    // Six rows at a time keep the loads sequential in every row and the stores dense.
    for group in stride(from: 0, to: tileRows, by: 6) {
      let r0 = a.at(group, 0)
      let (r1, r2, r3) = (r0 + a.rowStride, r0 + 2 * a.rowStride, r0 + 3 * a.rowStride)
      let (r4, r5) = (r0 + 4 * a.rowStride, r0 + 5 * a.rowStride)
      var output = target + group
      for step in 0..<depth {
        let position = step * a.columnStride
        output[0] = r0[position]
        output[1] = r1[position]
        output[2] = r2[position]
        output[3] = r3[position]
        output[4] = r4[position]
        output[5] = r5[position]
        output += tileRows
      }
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
        Transpose.block8(base + step, sourceStride: lineStride, target + step * panelWidth, targetStride: panelWidth)
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
