import TinyTensor

extension QuantizedMatrix {
  /// Writes the `columns` weights of one row as `Float` to `output`.
  public func dequantizeRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < rows, "row \(row) of a matrix with \(rows) rows")
    withUnsafeBytes { bytes in
      let rowBytes = UnsafeRawBufferPointer(rebasing: bytes[row * self.rowBytes..<(row + 1) * self.rowBytes])
      BlockDecoder.decode(type, rowBytes, into: UnsafeMutableBufferPointer(start: output, count: columns))
    }
  }

  /// The weights of one row.
  public func dequantizedRow(_ row: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: columns) { buffer, count in
      if let base = buffer.baseAddress { dequantizeRow(row, into: base) }
      count = columns
    }
  }

  /// All weights: `[rows, columns]`.
  public func dequantized() -> Tensor {
    var result = Tensor(uninitialized: [rows, columns])
    result.withUnsafeMutableBufferPointer { output in
      guard let base = output.baseAddress else { return }
      parallelFor(rows) { row in dequantizeRow(row, into: base + row * columns) }
    }
    return result
  }
}
