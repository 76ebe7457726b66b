import TinyTensor

/// Products of a column range of the windows with a slice's matrix, and their weighted sum.
enum SliceKernel {
  /// `windows[:, columns] · matrix`, without copying the columns.
  /// - Parameters:
  ///   - windows: `[rows, reduction]`.
  ///   - matrix: `[columns, outputs]`.
  static func product(_ windows: Tensor, columns: Range<Int>, _ matrix: Tensor) -> Tensor {
    let (rows, outputs) = (windows.shape[0], matrix.shape[1])
    precondition(matrix.shape[0] == columns.count, "\(matrix.shape) for \(columns.count) columns")
    var result = Tensor(uninitialized: [rows, outputs])
    windows.withUnsafeBufferPointer { a in
      matrix.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          gemm(
            m: rows, n: outputs, k: columns.count, a: a + columns.lowerBound, rowStrideA: windows.shape[1],
            columnStrideA: 1, b: b, rowStrideB: outputs, columnStrideB: 1, c: c, rowStrideC: outputs, accumulate: false)
        }
      }
    }
    return result
  }

  /// `result += scales ∘ (sums - offsets)`, row by row.
  static func accumulate(_ sums: Tensor, offsets: [Float], scales: [Float], into result: inout Tensor) {
    let width = result.shape[1]
    let rows = result.shape[0]
    sums.withUnsafeBufferPointer { sums in
      result.withUnsafeMutableBufferPointer { result in
        guard let sums = sums.baseAddress, let result = result.baseAddress else { return }
        offsets.withUnsafeBufferPointer { offsets in
          scales.withUnsafeBufferPointer { scales in
            parallelRanges(rows, grain: 256) { range in
              for row in range {
                for column in 0..<width {
                  let index = row * width + column
                  result[index] += scales[column] * (sums[index] - offsets[column])
                }
              }
            }
          }
        }
      }
    }
  }
}
