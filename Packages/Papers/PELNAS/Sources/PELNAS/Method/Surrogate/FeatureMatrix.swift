/// Numbers of many rows, stored column by column, with the rank of every number in its column.
///
/// Boosted trees only ask whether a number lies below a threshold, which the ranks answer in fewer bits; they are made once, with the
/// matrix.
public struct FeatureMatrix: Sendable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Distance between columns: `rows` rounded up to whole vectors of bytes.
  let stride: Int
  let values: [Float]
  /// Number of ``distinct`` values of the column below each value.
  let ranks: [Int32]
  /// Different values of each column, rising; of a selection of rows, those of the matrix it was taken from.
  let distinct: [[Float]]

  /// A matrix of columns of equal length.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)`` for NaN, infinity or uneven lengths.
  public init(columns list: [[Float]]) throws(PELNASError) {
    let rows = list.first?.count ?? 0
    let stride = Self.stride(rows)
    var values = [Float](repeating: 0, count: stride * list.count)
    for (index, column) in list.enumerated() {
      try require(column.count == rows, "length of feature \(index)", column.count, "\(rows)")
      for (row, value) in column.enumerated() {
        try require(value.isFinite, "feature \(index) of row \(row)", value, "a finite number")
        values[index * stride + row] = value
      }
    }
    let ranked = concurrentValues(list.count) { Self.ranked(list[$0]) }
    var ranks = [Int32](repeating: 0, count: stride * list.count)
    for (index, column) in ranked.enumerated() {
      ranks.replaceSubrange(index * stride..<index * stride + rows, with: column.ranks)
    }
    self.rows = rows
    columns = list.count
    self.stride = stride
    self.values = values
    self.ranks = ranks
    distinct = ranked.map(\.distinct)
  }

  private init(rows: Int, values: [Float], ranks: [Int32], distinct: [[Float]]) {
    self.rows = rows
    columns = distinct.count
    stride = Self.stride(rows)
    self.values = values
    self.ranks = ranks
    self.distinct = distinct
  }

  private static func stride(_ rows: Int) -> Int { (rows + 31) / 32 * 32 }

  private static func ranked(_ column: [Float]) -> (ranks: [Int32], distinct: [Float]) {
    let order = column.indices.sorted { column[$0] < column[$1] }
    var ranks = [Int32](repeating: 0, count: column.count)
    var distinct: [Float] = []
    for row in order {
      if distinct.last != column[row] { distinct.append(column[row]) }
      ranks[row] = Int32(distinct.count - 1)
    }
    return (ranks, distinct)
  }

  /// Some of the rows.
  public func selecting(_ chosen: [Int]) -> FeatureMatrix {
    let width = Self.stride(chosen.count)
    var pickedValues = [Float](repeating: 0, count: width * columns)
    var pickedRanks = [Int32](repeating: 0, count: width * columns)
    for column in 0..<columns {
      for (row, source) in chosen.enumerated() {
        pickedValues[column * width + row] = values[column * stride + source]
        pickedRanks[column * width + row] = ranks[column * stride + source]
      }
    }
    return FeatureMatrix(rows: chosen.count, values: pickedValues, ranks: pickedRanks, distinct: distinct)
  }

  /// One value.
  public subscript(row: Int, column: Int) -> Float { values[column * stride + row] }

  /// Number of different values of a column below a threshold: a row lies below it as well exactly if its rank does.
  func rank(of threshold: Float, column: Int) -> Int {
    distinct[column].withUnsafeBufferPointer { values in
      var (low, high) = (0, values.count)
      while low < high {
        let middle = (low + high) / 2
        if values[middle] < threshold { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}
