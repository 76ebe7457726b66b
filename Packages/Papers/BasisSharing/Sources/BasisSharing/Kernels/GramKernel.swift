import TinyTensor

/// Symmetric rank-k updates G += XᵀX: products in floats on the GEMM kernel, sums in doubles, lower triangle only.
///
/// The triangle is stored row by row without gaps: entry (i, j ≤ i) lies at `i · (i + 1) / 2 + j`.
enum GramKernel {
  /// Entries of a triangle of the given width.
  static func count(_ width: Int) -> Int { width * (width + 1) / 2 }

  /// Rows of G that one product makes. Every product packs all its columns anew, so narrow blocks cost packing; wide ones waste
  /// products above the diagonal.
  private static func block(_ width: Int) -> Int { min(192, max(96, (width / 4 + 15) / 16 * 16)) }

  /// Adds XᵀX for activations `[tokens, width]` to a packed triangle.
  static func accumulate(_ x: Tensor, into triangle: inout [Double]) {
    let tokens = x.shape[0], width = x.shape[1]
    precondition(triangle.count == count(width), "a Gram of \(triangle.count) entries is not of width \(width)")
    let block = block(width)
    withScratch(Float.self, count: block * width) { scratch in
      x.withUnsafeBufferPointer { source in
        triangle.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          for start in stride(from: 0, to: width, by: block) {
            let rows = min(block, width - start)
            gemm(
              m: rows, n: start + rows, k: tokens, a: source + start, rowStrideA: 1, columnStrideA: width, b: source,
              rowStrideB: width, columnStrideB: 1, c: scratch, rowStrideC: width, accumulate: false)
            parallelFor(rows) { row in
              let output = target + count(start + row)
              let input = scratch + row * width
              for column in 0...(start + row) { output[column] += Double(input[column]) }
            }
          }
        }
      }
    }
  }

  /// Adds Σ |x| over the tokens of activations `[tokens, width]`, per input. Sums of a window are made in floats.
  static func accumulateMagnitudes(_ x: Tensor, into sums: inout [Double]) {
    let tokens = x.shape[0], width = x.shape[1]
    precondition(sums.count == width, "\(sums.count) sums for a width of \(width)")
    let vectors = width / 8
    x.withUnsafeBufferPointer { source in
      sums.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        // Eight vectors of eight inputs at a time: whole cache lines, and sums that stay in registers.
        parallelFor((vectors + 7) / 8) { job in
          withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 8) { partial in
            let range = job * 8..<min(job * 8 + 8, vectors)
            for index in 0..<range.count { partial[index] = .zero }
            for token in 0..<tokens {
              let row = source + token * width + range.lowerBound * 8
              for index in 0..<range.count { partial[index] += magnitude(row + index * 8) }
            }
            for index in 0..<range.count {
              for lane in 0..<8 { target[(range.lowerBound + index) * 8 + lane] += Double(partial[index][lane]) }
            }
          }
        }
        for column in vectors * 8..<width {
          for token in 0..<tokens { target[column] += Double(abs(source[token * width + column])) }
        }
      }
    }
  }

  /// |x| of eight neighbours: the sign bits cleared.
  @inline(__always)
  private static func magnitude(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    let bits = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<UInt32>.self) & 0x7FFF_FFFF
    return unsafeBitCast(bits, to: SIMD8<Float>.self)
  }
}
