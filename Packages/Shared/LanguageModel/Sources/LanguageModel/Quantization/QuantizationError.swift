/// Why a matrix cannot be stored in the wanted format.
public enum QuantizationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The rows are not whole blocks.
  case partialBlocks(columns: Int, type: TensorType)
  /// A weight is NaN or infinite.
  case notFinite(row: Int, column: Int, value: String)
  /// A weight or a block scale is beyond the range of the format.
  case outOfRange(row: Int, column: Int, value: Float, type: TensorType)
  /// The format can be read but not written.
  case readOnly(TensorType)

  /// One line: what was wrong, where, how to mend.
  public var description: String {
    switch self {
    case .partialBlocks(let columns, let type):
      "\(columns) columns are not whole \(type.name) blocks of \(type.blockSize); store this matrix as F16 or F32"
    case .notFinite(let row, let column, let value):
      "the weight at row \(row), column \(column) is \(value); only finite weights can be stored"
    case .outOfRange(let row, let column, let value, let type):
      "the weight \(value) at row \(row), column \(column) is too large for \(type.name); store this matrix as F32"
    case .readOnly(let type):
      "\(type.name) can be read but not written; choose F32, F16, BF16, Q8_0, Q5_1, Q5_0, Q4_1 or Q4_0"
    }
  }
}
