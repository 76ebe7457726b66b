/// A dense row-major matrix of `Double`, for factorisations that need the precision.
public struct DoubleMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements in row-major order.
  public var values: [Double]

  /// A matrix from its elements in row-major order.
  public init(rows: Int, columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns, "a \(rows)×\(columns) matrix needs \(rows * columns) values")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.init(rows: rows, columns: columns, [Double](repeating: 0, count: rows * columns))
  }

  /// The element at a row and column.
  public subscript(_ row: Int, _ column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The elements of a rank-2 tensor.
  public init(_ tensor: Tensor) {
    precondition(tensor.rank == 2, "DoubleMatrix needs a matrix, the shape is \(tensor.shape)")
    self.init(rows: tensor.shape[0], columns: tensor.shape[1], tensor.scalars.map(Double.init))
  }

  /// The elements rounded to `Float`.
  public var tensor: Tensor { Tensor(shape: [rows, columns], values.map(Float.init)) }

  /// The transpose.
  public var transposed: DoubleMatrix {
    var result = DoubleMatrix(zeros: columns, rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  /// The matrix product; small sizes, plain loops.
  public static func * (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
    precondition(a.columns == b.rows, "inner dimensions \(a.columns) and \(b.rows) differ")
    var result = DoubleMatrix(zeros: a.rows, b.columns)
    for row in 0..<a.rows {
      for inner in 0..<a.columns {
        let factor = a[row, inner]
        for column in 0..<b.columns {
          result.values[row * b.columns + column] += factor * b.values[inner * b.columns + column]
        }
      }
    }
    return result
  }
}
