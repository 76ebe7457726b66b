import TinyTensor

extension QuantizedMatrix {
  /// Quantises a matrix `[rows, columns]`, or a vector `[columns]`, to the format `type`, by the formulas of ggml's
  /// reference quantiser (scale from the largest magnitude or from the range of a block, round to nearest).
  ///
  /// - Parameters:
  ///   - tensor: Finite weights of rank 1 or 2.
  ///   - type: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0 or Q5_1.
  public init(quantizing tensor: Tensor, as type: TensorType) throws(QuantizationError) {
    precondition(tensor.rank == 1 || tensor.rank == 2, "only vectors and matrices are quantised, got \(tensor.shape)")
    precondition(tensor.count > 0, "an empty tensor \(tensor.shape) cannot be quantised")
    let columns = tensor.shape[tensor.rank - 1]
    let rows = tensor.count / columns
    guard BlockEncoder.canEncode(type) else { throw .readOnly(type) }
    guard columns.isMultiple(of: type.blockSize) else { throw .partialBlocks(columns: columns, type: type) }

    let rowBytes = type.byteCount(columns: columns)
    let memory = AlignedMemory(byteCount: rows * rowBytes)
    var failures = [Int?](repeating: nil, count: rows)
    failures.withUnsafeMutableBufferPointer { failures in
      tensor.withUnsafeBufferPointer { weights in
        parallelFor(rows) { row in
          failures[row] = BlockEncoder.encode(
            type, UnsafeBufferPointer(rebasing: weights[row * columns..<(row + 1) * columns]),
            into: UnsafeMutableRawBufferPointer(start: memory.base + row * rowBytes, count: rowBytes))
        }
      }
    }
    if let row = failures.firstIndex(where: { $0 != nil }), let column = failures[row] {
      let value = tensor.reshaped([rows, columns])[row, column]
      if value.isFinite { throw .outOfRange(row: row, column: column, value: value, type: type) }
      throw .notFinite(row: row, column: column, value: "\(value)")
    }
    self.init(type: type, rows: rows, columns: columns, base: UnsafeRawPointer(memory.base), owner: memory)
  }
}
