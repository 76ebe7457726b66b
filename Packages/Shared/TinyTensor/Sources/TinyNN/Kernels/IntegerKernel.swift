import TinyTensor

/// Sums of products of 8-bit integers, ordinary or tabulated.
enum IntegerKernel {
  /// The depth up to which 32 bits hold any sum of ordinary products.
  static let greatestExactDepth = 131_071

  /// `result[r, o] = scales[o] · Σ_i left[r, i] · right[o, i]`.
  static func products(
    _ left: [Int8], _ right: [Int8], rows: Int, outputs: Int, depth: Int, scales: [Float]
  ) -> Tensor {
    let sums = matmul(
      RowMajorMatrix(rows: rows, columns: depth, left), RowMajorMatrix(rows: outputs, columns: depth, right),
      transposeB: true)
    return Tensor(shape: [rows, outputs], sums.elements.map { Float($0) }) * Tensor(shape: [outputs], scales)
  }

  /// `result[r, o] = scales[o] · Σ_i table[left[r, i], right[o, i]]`, rows in parallel.
  static func products(
    _ left: [Int8], _ right: [Int8], rows: Int, outputs: Int, depth: Int, table: [Int32], scales: [Float]
  ) -> Tensor {
    var result = Tensor(uninitialized: [rows, outputs])
    result.withUnsafeMutableBufferPointer { target in
      guard let output = target.baseAddress else { return }
      products(left, right, rows: rows, outputs: outputs, depth: depth, table: table, scales: scales, into: output)
    }
    return result
  }

  private static func products(
    _ left: [Int8], _ right: [Int8], rows: Int, outputs: Int, depth: Int, table: [Int32], scales: [Float],
    into output: UnsafeMutablePointer<Float>
  ) {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        table.withUnsafeBufferPointer { table in
          scales.withUnsafeBufferPointer { scales in
            parallelFor(rows) { row in
              for column in 0..<outputs {
                var total = 0
                for index in 0..<depth {
                  let a = Int(left[row * depth + index]) + 128
                  let b = Int(right[column * depth + index]) + 128
                  total += Int(table[a << 8 | b])
                }
                output[row * outputs + column] = scales[column] * Float(total)
              }
            }
          }
        }
      }
    }
  }
}
