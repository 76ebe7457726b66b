import TinyTensor

/// Symmetric rank-k updates G += XᵀX: products in floats, sums in doubles, lower triangle only.
///
/// X is packed once, in panels of 24 inputs that serve as left and as right operand alike. Every pair of panels on or below the diagonal is
/// multiplied in register tiles whose float sums go straight to the doubles.
///
/// The triangle is stored row by row without gaps: entry (i, j ≤ i) lies at `i · (i + 1) / 2 + j`.
enum GramKernel {
  private typealias Tile = RegisterTile<SIMD8<Float>>

  /// Tokens whose products are summed in floats: a panel of so many takes 24 of the 32 KiB of the first-level cache.
  private static let depth = 256

  /// Entries of a triangle of the given width.
  static func count(_ width: Int) -> Int { width * (width + 1) / 2 }

  /// Adds XᵀX for activations `[tokens, width]` to a packed triangle, and Σ |x| over the tokens, per input.
  ///
  /// - Returns: false, with nothing added, if an activation is not finite.
  static func accumulate(_ x: Tensor, into triangle: inout [Double], magnitudes: inout [Double]) -> Bool {
    let tokens = x.shape[0], width = x.shape[1]
    precondition(triangle.count == count(width), "a Gram of \(triangle.count) entries is not of width \(width)")
    precondition(magnitudes.count == width, "\(magnitudes.count) magnitudes for a width of \(width)")
    let panels = (width + Tile.columns - 1) / Tile.columns
    return withScratch(Float.self, count: panels * Tile.columns * (tokens + 1)) { packed in
      let sums = packed + panels * Tile.columns * tokens
      x.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress else { return }
        parallelFor(panels) { panel in
          let first = panel * Tile.columns
          pack(
            source + first, columns: min(Tile.columns, width - first), tokens: tokens, stride: width,
            into: packed + first * tokens, magnitudes: sums + first)
        }
      }
      // A single value that is not finite shows in the sum of magnitudes.
      guard (0..<width).allSatisfy({ sums[$0].isFinite }) else { return false }
      for column in 0..<width { magnitudes[column] += Double(sums[column]) }
      triangle.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        parallelFor(panels) { job in
          // The longest rows first: who is done helps with the short ones.
          addRows(of: panels - 1 - job, packed, tokens: tokens, width: width, to: target)
        }
      }
      return true
    }
  }

  /// Lays the inputs of a panel out token by token, zeros beyond `columns`, and sums their magnitudes in floats.
  private static func pack(
    _ source: UnsafePointer<Float>, columns: Int, tokens: Int, stride: Int, into target: UnsafeMutablePointer<Float>,
    magnitudes: UnsafeMutablePointer<Float>
  ) {
    guard columns == Tile.columns else {
      target.update(repeating: 0, count: tokens * Tile.columns)
      for column in 0..<columns {
        var sum: Float = 0
        for token in 0..<tokens {
          let value = source[token * stride + column]
          target[token * Tile.columns + column] = value
          sum += abs(value)
        }
        magnitudes[column] = sum
      }
      return
    }
    var sum0 = SIMD8<Float>(), sum1 = SIMD8<Float>(), sum2 = SIMD8<Float>()
    for token in 0..<tokens {
      let input = UnsafeRawPointer(source + token * stride)
      let output = UnsafeMutableRawPointer(target + token * Tile.columns)
      let x0 = input.loadUnaligned(as: SIMD8<Float>.self)
      let x1 = input.loadUnaligned(fromByteOffset: 32, as: SIMD8<Float>.self)
      let x2 = input.loadUnaligned(fromByteOffset: 64, as: SIMD8<Float>.self)
      output.storeBytes(of: x0, as: SIMD8<Float>.self)
      output.storeBytes(of: x1, toByteOffset: 32, as: SIMD8<Float>.self)
      output.storeBytes(of: x2, toByteOffset: 64, as: SIMD8<Float>.self)
      sum0 += magnitude(x0)
      sum1 += magnitude(x1)
      sum2 += magnitude(x2)
    }
    for lane in 0..<8 {
      (magnitudes[lane], magnitudes[lane + 8], magnitudes[lane + 16]) = (sum0[lane], sum1[lane], sum2[lane])
    }
  }

  /// Adds the rows of G that belong to the inputs of one panel.
  private static func addRows(
    of panel: Int, _ packed: UnsafePointer<Float>, tokens: Int, width: Int, to triangle: UnsafeMutablePointer<Double>
  ) {
    let first = panel * Tile.columns
    for start in stride(from: 0, to: tokens, by: depth) {
      let steps = min(depth, tokens - start)
      let left = packed + first * tokens + start * Tile.columns
      for column in stride(from: 0, through: first, by: Tile.columns) {
        let right = packed + column * tokens + start * Tile.columns
        for row in stride(from: first, to: min(first + Tile.columns, width), by: Tile.rows) {
          Tile.multiply(left + (row - first), leftStride: Tile.columns, right, steps: steps) { sums in
            for line in 0..<min(Tile.rows, width - row) {
              let output = triangle + count(row + line) + column
              add(sums + line * Tile.columns, count: min(Tile.columns, row + line - column + 1), to: output)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func add(_ sums: UnsafePointer<Float>, count: Int, to output: UnsafeMutablePointer<Double>) {
    if count == Tile.columns {
      for column in 0..<Tile.columns { output[column] += Double(sums[column]) }
    } else {
      for column in 0..<count { output[column] += Double(sums[column]) }
    }
  }

  /// |x|: the sign bits cleared.
  @inline(__always)
  private static func magnitude(_ value: SIMD8<Float>) -> SIMD8<Float> {
    unsafeBitCast(unsafeBitCast(value, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: SIMD8<Float>.self)
  }
}
