/// Numbers of many rows, stored column by column so that eight rows are one vector.
public struct FeatureMatrix: Sendable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Distance between columns: `rows` rounded up to whole vectors.
  let stride: Int
  let values: [Float]

  /// A matrix of columns of equal length.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)`` for NaN, infinity or uneven lengths.
  public init(columns list: [[Float]]) throws(PELNASError) {
    let rows = list.first?.count ?? 0
    let stride = (rows + 7) / 8 * 8
    var values = [Float](repeating: 0, count: stride * list.count)
    for (index, column) in list.enumerated() {
      try require(column.count == rows, "length of feature \(index)", column.count, "\(rows)")
      for (row, value) in column.enumerated() {
        try require(value.isFinite, "feature \(index) of row \(row)", value, "a finite number")
        values[index * stride + row] = value
      }
    }
    self.rows = rows
    columns = list.count
    self.stride = stride
    self.values = values
  }

  private init(rows: Int, columns: Int, values: [Float]) {
    self.rows = rows
    self.columns = columns
    stride = (rows + 7) / 8 * 8
    self.values = values
  }

  /// Some of the rows.
  public func selecting(_ chosen: [Int]) -> FeatureMatrix {
    let width = (chosen.count + 7) / 8 * 8
    var picked = [Float](repeating: 0, count: width * columns)
    for column in 0..<columns {
      for (row, source) in chosen.enumerated() { picked[column * width + row] = values[column * stride + source] }
    }
    return FeatureMatrix(rows: chosen.count, columns: columns, values: picked)
  }

  /// One value.
  public subscript(row: Int, column: Int) -> Float { values[column * stride + row] }
}
