import TinyTensor

/// A matrix `[rows, columns]` of weights in one of GGUF's formats, as a view of memory that the value keeps alive: the
/// mapping of a model file, or a buffer of its own.
///
/// A linear layer computes `y = W·x` with `rows` outputs and `columns` inputs; a vector (norm, bias) has one row. Rows
/// lie back to back, each a whole number of blocks. Copying the value copies no weights.
public struct QuantizedMatrix: Sendable {
  /// The storage format.
  public let type: TensorType
  /// The number of rows (outputs of a linear layer).
  public let rows: Int
  /// The number of columns (inputs of a linear layer), a multiple of the block size.
  public let columns: Int
  /// The first byte of the first row, valid as long as this value or a copy of it lives. Ordinary GGUF files align
  /// tensors to 32 bytes, but nothing more than single bytes is guaranteed: load unaligned.
  public var bytes: UnsafeRawPointer { base }

  private nonisolated(unsafe) let base: UnsafeRawPointer
  private let owner: any AnyObject & Sendable

  /// A view of memory that lives as long as `owner`.
  init(type: TensorType, rows: Int, columns: Int, base: UnsafeRawPointer, owner: any AnyObject & Sendable) {
    precondition(rows > 0 && columns > 0, "a matrix needs at least one row and column, got \(rows) × \(columns)")
    precondition(
      columns.isMultiple(of: type.blockSize),
      "\(columns) columns are not whole \(type.name) blocks of \(type.blockSize)")
    self.type = type
    self.rows = rows
    self.columns = columns
    self.base = base
    self.owner = owner
  }

  /// A matrix with a copy of `bytes`, which must hold exactly `rows` rows of `columns` weights in the format `type`.
  public init(copying bytes: UnsafeRawBufferPointer, type: TensorType, rows: Int, columns: Int) {
    let needed = rows * type.byteCount(columns: columns)
    precondition(bytes.count == needed, "\(rows) × \(columns) in \(type.name) are \(needed) bytes, got \(bytes.count)")
    let memory = AlignedMemory(byteCount: needed)
    UnsafeMutableRawBufferPointer(start: memory.base, count: needed).copyMemory(from: bytes)
    self.init(type: type, rows: rows, columns: columns, base: UnsafeRawPointer(memory.base), owner: memory)
  }

  /// A matrix with a copy of `bytes`, which must hold exactly `rows` rows of `columns` weights in the format `type`.
  public init(copying bytes: [UInt8], type: TensorType, rows: Int, columns: Int) {
    self = bytes.withUnsafeBytes { QuantizedMatrix(copying: $0, type: type, rows: rows, columns: columns) }
  }

  /// The size of one row in bytes.
  public var rowBytes: Int { type.byteCount(columns: columns) }
  /// The size of all rows in bytes.
  public var byteCount: Int { rows * rowBytes }

  /// Calls `body` with all bytes, rows back to back.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// The rows in `range` as a matrix of their own; shares the memory.
  public func rows(_ range: Range<Int>) -> QuantizedMatrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of a matrix with \(rows) rows")
    return QuantizedMatrix(
      type: type, rows: range.count, columns: columns, base: base + range.lowerBound * rowBytes, owner: owner)
  }
}
