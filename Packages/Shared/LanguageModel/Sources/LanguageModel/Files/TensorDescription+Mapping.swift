import FileKit

extension TensorDescription {
  /// The tensor as a view of the mapped file that holds it, after a look at its scales and weights.
  func matrix(in file: MappedFile) throws(ModelFileError) -> QuantizedMatrix {
    // The pointer may leave the closure: the mapping lives as long as `file`, which the matrix keeps alive.
    guard let start = file.withUnsafeBytes({ $0.baseAddress }), offset + byteCount <= file.count else {
      throw ModelFileError(.truncated, path: file.url.path, field: name, problem: "the file ends before the tensor")
    }
    let matrix = QuantizedMatrix(type: type, rows: rows, columns: columns, base: start + offset, owner: file)
    if let block = FiniteCheck.firstBadBlock(in: matrix) {
      let blocksPerRow = columns / type.blockSize
      throw ModelFileError(
        .invalidValue, path: file.url.path,
        field: "\(name), row \(block / blocksPerRow), column \(block % blocksPerRow * type.blockSize)",
        offset: offset + block * type.bytesPerBlock,
        problem: type.blockSize == 1 ? "the weight is not a finite number" : "the block's scale is not a finite number",
        remedy: "the file is damaged: fetch or convert it again")
    }
    return matrix
  }

  /// Feeds the first and the last kilobytes of the data to `hash`.
  func updateFingerprint(_ hash: inout SHA256, in bytes: UnsafeRawBufferPointer) {
    let sample = min(byteCount, 4096)
    hash.update(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + sample]))
    hash.update(UnsafeRawBufferPointer(rebasing: bytes[offset + byteCount - sample..<offset + byteCount]))
  }
}
