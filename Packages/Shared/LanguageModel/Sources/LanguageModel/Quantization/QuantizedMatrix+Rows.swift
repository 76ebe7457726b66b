extension QuantizedMatrix {
  /// A copy whose row i is row `order[i]` of this matrix.
  public func reordered(rows order: [Int]) -> QuantizedMatrix {
    precondition(order.allSatisfy { $0 >= 0 && $0 < rows }, "row numbers beyond the \(rows) rows")
    let memory = AlignedMemory(byteCount: order.count * rowBytes)
    withUnsafeBytes { bytes in
      for (target, source) in order.enumerated() {
        let row = UnsafeRawBufferPointer(rebasing: bytes[source * rowBytes..<(source + 1) * rowBytes])
        UnsafeMutableRawBufferPointer(start: memory.base + target * rowBytes, count: rowBytes).copyMemory(from: row)
      }
    }
    return QuantizedMatrix(
      type: type, rows: order.count, columns: columns, base: UnsafeRawPointer(memory.base), owner: memory)
  }

  /// A query or key projection with the rows of each head reordered from half-split to interleaved rotary pairs, as
  /// converters to GGUF do for the architecture `llama`: rows (i, i + headSize / 2) become rows (2i, 2i + 1).
  public func interleavingHeads(headSize: Int) -> QuantizedMatrix {
    precondition(rows.isMultiple(of: headSize), "\(rows) rows are not whole heads of \(headSize)")
    return reordered(
      rows: (0..<rows).map { row in
        let (head, index) = row.quotientAndRemainder(dividingBy: headSize)
        return head * headSize + index / 2 + index % 2 * (headSize / 2)
      })
  }
}
