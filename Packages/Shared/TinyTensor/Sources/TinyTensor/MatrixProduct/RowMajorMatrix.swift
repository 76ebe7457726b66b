/// A dense row-major matrix of narrow numbers: an operand or a result of a product in reduced precision.
///
/// `RowMajorMatrix<Int8>` and `RowMajorMatrix<BFloat16>` are multiplied by `matmul`; `Tensor` is the type for everything else.
public struct RowMajorMatrix<Element: BitwiseCopyable & Hashable & Sendable>: Sendable, Hashable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// The elements, row after row.
  public var elements: [Element] {
    didSet { precondition(elements.count == rows * columns, "RowMajorMatrix: the number of elements may not change") }
  }

  /// A matrix of `rows · columns` elements, row after row.
  public init(rows: Int, columns: Int, _ elements: [Element]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "RowMajorMatrix: \(elements.count) elements for \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The element at a row and a column.
  public subscript(row: Int, column: Int) -> Element {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// Makes a matrix whose elements `body` writes.
  init(rows: Int, columns: Int, filledBy body: (UnsafeMutablePointer<Element>) -> Void) {
    let count = rows * columns
    self.init(
      rows: rows, columns: columns,
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        if let start = buffer.baseAddress, count > 0 { body(start) }
        initialized = count
      })
  }
}

extension RowMajorMatrix<BFloat16> {
  /// The nearest bfloat16 numbers to those of a matrix of floats, `[rows, columns]`.
  public init(_ tensor: Tensor) {
    precondition(tensor.rank == 2, "RowMajorMatrix needs a matrix, the shape is \(tensor.shape)")
    self.init(rows: tensor.shape[0], columns: tensor.shape[1], tensor.scalars.map { BFloat16($0) })
  }
}

extension RowMajorMatrix<Int8> {
  /// The codes `clamp(round(x / scale), −128, 127)` of a matrix of floats `[rows, columns]`; ties to even, NaN becomes 0.
  public init(quantizing tensor: Tensor, scale: Float) {
    precondition(tensor.rank == 2, "RowMajorMatrix needs a matrix, the shape is \(tensor.shape)")
    precondition(scale > 0, "RowMajorMatrix: the scale \(scale) is not positive")
    self.init(
      rows: tensor.shape[0], columns: tensor.shape[1],
      tensor.scalars.map { value in
        let code = (value / scale).rounded(.toNearestOrEven)
        return code.isNaN ? 0 : Int8(min(127, max(-128, code)))
      })
  }
}
