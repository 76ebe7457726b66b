import TinyTensor

/// Symmetric rank-k updates G += XᵀX: products in floats on the GEMM kernel, sums in doubles, lower triangle only.
///
/// The triangle is stored row by row without gaps: entry (i, j ≤ i) lies at `i · (i + 1) / 2 + j`.
enum GramKernel {
  /// Rows of G that one product makes: wide enough for the GEMM's tiles, narrow enough to waste little above the diagonal.
  private static let block = 96

  /// Entries of a triangle of the given width.
  static func count(_ width: Int) -> Int { width * (width + 1) / 2 }

  /// Adds XᵀX for activations `[tokens, width]` to a packed triangle.
  static func accumulate(_ x: Tensor, into triangle: inout [Double]) {
    let tokens = x.shape[0], width = x.shape[1]
    precondition(triangle.count == count(width), "a Gram of \(triangle.count) entries is not of width \(width)")
    withScratch(Float.self, count: block * width) { scratch in
      x.withUnsafeBufferPointer { source in
        triangle.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          for start in stride(from: 0, to: width, by: block) {
            let rows = min(block, width - start)
            let columns = start + rows
            gemm(
              m: rows, n: columns, k: tokens, a: source + start, rowStrideA: 1, columnStrideA: width, b: source,
              rowStrideB: width, columnStrideB: 1, c: scratch, rowStrideC: width, accumulate: false)
            for row in 0..<rows {
              let output = target + count(start + row)
              let input = scratch + row * width
              for column in 0...(start + row) { output[column] += Double(input[column]) }
            }
          }
        }
      }
    }
  }

  /// Adds Σ |x| over the tokens of activations `[tokens, width]`, per input.
  static func accumulateMagnitudes(_ x: Tensor, into sums: inout [Double]) {
    let tokens = x.shape[0], width = x.shape[1]
    precondition(sums.count == width, "\(sums.count) sums for a width of \(width)")
    x.withUnsafeBufferPointer { source in
      sums.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for token in 0..<tokens {
          let row = source + token * width
          for column in 0..<width { target[column] += Double(abs(row[column])) }
        }
      }
    }
  }
}
