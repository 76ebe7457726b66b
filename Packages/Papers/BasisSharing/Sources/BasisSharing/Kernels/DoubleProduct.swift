import TinyTensor

/// Matrix products in double precision: the whitening and the refits square the condition number of the Grams, so floats do not
/// suffice. Register tiles of 4 rows × 12 columns over packed operands; the result does not depend on the thread count.
package enum DoubleProduct {
  private static let tileRows = 4
  private static let tileColumns = 12
  /// Steps of the inner dimension whose panels (12 and 4 lines of doubles) stay in the first-level cache together.
  private static let depth = 192
  /// Rows of one parallel job.
  private static let jobRows = 32

  /// op(a) · op(b).
  package static func multiply(
    _ a: DoubleMatrix, _ b: DoubleMatrix, transposeA: Bool = false, transposeB: Bool = false
  ) -> DoubleMatrix {
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (n, other) = transposeB ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(k == other, "inner dimensions \(k) and \(other) differ")
    var result = DoubleMatrix(zeros: m, n)
    guard m > 0, n > 0, k > 0 else { return result }
    let rowTiles = (m + tileRows - 1) / tileRows
    let columnTiles = (n + tileColumns - 1) / tileColumns
    withScratch(Double.self, count: rowTiles * tileRows * k + columnTiles * tileColumns * k) { left in
      let right = left + rowTiles * tileRows * k
      a.values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress else { return }
        pack(
          source, lines: m, steps: k, lineStride: transposeA ? 1 : k, stepStride: transposeA ? m : 1, tile: tileRows,
          into: left)
      }
      b.values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress else { return }
        pack(
          source, lines: n, steps: k, lineStride: transposeB ? k : 1, stepStride: transposeB ? 1 : n,
          tile: tileColumns, into: right)
      }
      result.values.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        parallelFor((m + jobRows - 1) / jobRows) { job in
          let tiles = job * (jobRows / tileRows)..<min((job + 1) * (jobRows / tileRows), rowTiles)
          for start in stride(from: 0, to: k, by: depth) {
            let steps = min(depth, k - start)
            for column in 0..<columnTiles {
              for row in tiles {
                multiplyTile(
                  left + row * tileRows * k + start * tileRows, right + column * tileColumns * k + start * tileColumns,
                  steps: steps, into: target + row * tileRows * n + column * tileColumns, stride: n,
                  rows: min(tileRows, m - row * tileRows), columns: min(tileColumns, n - column * tileColumns))
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Lays `lines` out in groups of `tile`, step by step; missing lines are zero.
  private static func pack(
    _ source: UnsafePointer<Double>, lines: Int, steps: Int, lineStride: Int, stepStride: Int, tile: Int,
    into target: UnsafeMutablePointer<Double>
  ) {
    parallelFor((lines + tile - 1) / tile) { group in
      let output = target + group * tile * steps
      for line in 0..<tile {
        let index = group * tile + line
        if index < lines {
          let input = source + index * lineStride
          for step in 0..<steps { output[step * tile + line] = input[step * stepStride] }
        } else {
          for step in 0..<steps { output[step * tile + line] = 0 }
        }
      }
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Double>.self)
  }

  /// Adds a 4 × 12 tile of the product to the result. A product and a sum instead of a fused one: fast on every target.
  private static func multiplyTile(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, steps: Int, into target: UnsafeMutablePointer<Double>,
    stride: Int, rows: Int, columns: Int
  ) {
    var r00 = SIMD4<Double>(), r01 = SIMD4<Double>(), r02 = SIMD4<Double>()
    var r10 = SIMD4<Double>(), r11 = SIMD4<Double>(), r12 = SIMD4<Double>()
    var r20 = SIMD4<Double>(), r21 = SIMD4<Double>(), r22 = SIMD4<Double>()
    var r30 = SIMD4<Double>(), r31 = SIMD4<Double>(), r32 = SIMD4<Double>()
    var a = a
    var b = b
    for _ in 0..<steps {
      let b0 = load(b), b1 = load(b + 4), b2 = load(b + 8)
      let a0 = SIMD4(repeating: a[0]), a1 = SIMD4(repeating: a[1])
      r00 += a0 * b0
      r01 += a0 * b1
      r02 += a0 * b2
      r10 += a1 * b0
      r11 += a1 * b1
      r12 += a1 * b2
      let a2 = SIMD4(repeating: a[2]), a3 = SIMD4(repeating: a[3])
      r20 += a2 * b0
      r21 += a2 * b1
      r22 += a2 * b2
      r30 += a3 * b0
      r31 += a3 * b1
      r32 += a3 * b2
      a += 4
      b += 12
    }
    withUnsafeTemporaryAllocation(of: SIMD4<Double>.self, capacity: 12) { tile in
      (tile[0], tile[1], tile[2]) = (r00, r01, r02)
      (tile[3], tile[4], tile[5]) = (r10, r11, r12)
      (tile[6], tile[7], tile[8]) = (r20, r21, r22)
      (tile[9], tile[10], tile[11]) = (r30, r31, r32)
      tile.withMemoryRebound(to: Double.self) { sums in
        for row in 0..<rows {
          for column in 0..<columns { target[row * stride + column] += sums[row * 12 + column] }
        }
      }
    }
  }
}
