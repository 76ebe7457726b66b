import TinyTensor

/// Matrix products in double precision: the whitening and the refits square the condition number of the Grams, so floats do not
/// suffice. Register tiles over packed operands; the result does not depend on the thread count.
package enum DoubleProduct {
  private typealias Tile = RegisterTile<SIMD4<Double>>

  /// Steps of the inner dimension whose panels (12 and 4 lines of doubles) stay in the first-level cache together.
  private static let depth = 192
  /// Rows of one parallel job.
  private static let jobRows = 32

  /// op(a) · op(b).
  ///
  /// - Parameter isSymmetric: Whether the caller knows that the product is symmetric: only its lower triangle is then computed, and mirrored.
  package static func multiply(
    _ a: DoubleMatrix, _ b: DoubleMatrix, transposeA: Bool = false, transposeB: Bool = false, isSymmetric: Bool = false
  ) -> DoubleMatrix {
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (n, other) = transposeB ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(k == other, "inner dimensions \(k) and \(other) differ")
    precondition(!isSymmetric || m == n, "a product of \(m) rows and \(n) columns is not symmetric")
    var result = DoubleMatrix(zeros: m, n)
    guard m > 0, n > 0, k > 0 else { return result }
    let leftCount = (m + Tile.rows - 1) / Tile.rows * Tile.rows * k
    let rightCount = (n + Tile.columns - 1) / Tile.columns * Tile.columns * k
    withScratch(Double.self, count: leftCount + rightCount) { left in
      let right = left + leftCount
      pack(a, lines: m, steps: k, linesAreRows: !transposeA, tile: Tile.rows, into: left)
      pack(b, lines: n, steps: k, linesAreRows: transposeB, tile: Tile.columns, into: right)
      result.values.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        let jobs = (m + jobRows - 1) / jobRows
        parallelFor(jobs) { job in
          // The longest rows of a triangle first: who is done helps with the short ones.
          let first = (jobs - 1 - job) * jobRows
          let rows = first..<min(first + jobRows, m)
          let columns = isSymmetric ? rows.upperBound : n
          multiplyRows(rows, columns: columns, steps: k, left, right, into: target, stride: n)
        }
        if isSymmetric { mirror(target, size: n) }
      }
    }
    return result
  }

  /// Adds the product of some rows with the first `columns` columns to the result.
  private static func multiplyRows(
    _ rows: Range<Int>, columns: Int, steps k: Int, _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>,
    into target: UnsafeMutablePointer<Double>, stride n: Int
  ) {
    for start in stride(from: 0, to: k, by: depth) {
      let steps = min(depth, k - start)
      for column in stride(from: 0, to: columns, by: Tile.columns) {
        let panel = right + column * k + start * Tile.columns
        for row in stride(from: rows.lowerBound, to: rows.upperBound, by: Tile.rows) {
          Tile.multiply(left + row * k + start * Tile.rows, leftStride: Tile.rows, panel, steps: steps) { sums in
            let width = min(Tile.columns, n - column)
            for line in 0..<min(Tile.rows, rows.upperBound - row) {
              let output = target + (row + line) * n + column
              let input = sums + line * Tile.columns
              for index in 0..<width { output[index] += input[index] }
            }
          }
        }
      }
    }
  }

  /// Lays the rows, or the columns, of a matrix out in groups of `tile`, step by step; missing lines are zero.
  private static func pack(
    _ matrix: DoubleMatrix, lines: Int, steps: Int, linesAreRows: Bool, tile: Int,
    into target: UnsafeMutablePointer<Double>
  ) {
    matrix.values.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      parallelFor((lines + tile - 1) / tile) { group in
        let first = group * tile
        let width = min(tile, lines - first)
        let output = target + first * steps
        if width < tile { output.update(repeating: 0, count: tile * steps) }
        if linesAreRows {
          for line in 0..<width {
            let input = source + (first + line) * steps
            for step in 0..<steps { output[step * tile + line] = input[step] }
          }
        } else {
          for step in 0..<steps { (output + step * tile).update(from: source + step * lines + first, count: width) }
        }
      }
    }
  }

  /// Copies the lower triangle of a matrix to the upper one, in blocks that stay in the cache.
  private static func mirror(_ matrix: UnsafeMutablePointer<Double>, size: Int) {
    let block = 32
    parallelFor((size + block - 1) / block) { job in
      let rows = job * block..<min((job + 1) * block, size)
      for start in stride(from: 0, to: rows.upperBound, by: block) {
        for row in rows {
          for column in start..<min(start + block, row) { matrix[column * size + row] = matrix[row * size + column] }
        }
      }
    }
  }
}
