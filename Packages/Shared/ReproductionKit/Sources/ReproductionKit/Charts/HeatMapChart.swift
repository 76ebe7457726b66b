/// The contents of a heat map: a matrix drawn in colours.
public struct HeatMapChart: Sendable, Hashable {
  /// How values become colours.
  public enum Palette: Sendable, Hashable, Codable {
    /// From little to much; perceptually uniform.
    case sequential
    /// From negative to positive around a neutral value.
    case diverging(center: Double)
  }

  /// Name of the file.
  public let name: String
  /// What the chart shows.
  public let title: String
  /// A sentence below the chart.
  public var caption: String?
  /// Names of the rows, from top to bottom.
  public let rows: [String]
  /// Names of the columns, from left to right.
  public let columns: [String]
  /// What the rows are.
  public let rowLabel: String
  /// What the columns are.
  public let columnLabel: String
  /// The values, `[row][column]`; NaN is drawn hatched.
  public let values: [[Double]]
  /// What the values are, and their unit and range.
  public let value: ChartAxis
  /// How values become colours.
  public let palette: Palette
  /// Whether values are printed in the cells where there is room.
  public let showsValues: Bool

  /// A heat map. `values` has one row per name in `rows` and one value per name in `columns`.
  public init(
    name: String, title: String, caption: String? = nil, rows: [String], columns: [String], rowLabel: String = "",
    columnLabel: String = "", values: [[Double]], value: ChartAxis, palette: Palette = .sequential,
    showsValues: Bool = true
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "HeatMapChart \"\(name)\": values must be \(rows.count) rows of \(columns.count)")
    self.name = name
    self.title = title
    self.caption = caption
    self.rows = rows
    self.columns = columns
    self.rowLabel = rowLabel
    self.columnLabel = columnLabel
    self.values = values
    self.value = value
    self.palette = palette
    self.showsValues = showsValues
  }
}

extension HeatMapChart: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, title, caption, rows, columns, rowLabel, columnLabel, values, value, palette, showsValues
  }

  /// Reads a heat map, checking that it is rectangular.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try container.decode([String].self, forKey: .rows)
    let columns = try container.decode([String].self, forKey: .columns)
    let values = try container.decode([[JSONNumber]].self, forKey: .values).map { $0.map(\.value) }
    guard values.count == rows.count, values.allSatisfy({ $0.count == columns.count }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container,
        debugDescription: "expected \(rows.count) rows of \(columns.count) values")
    }
    self.init(
      name: try container.decode(String.self, forKey: .name), title: try container.decode(String.self, forKey: .title),
      caption: try container.decodeIfPresent(String.self, forKey: .caption), rows: rows, columns: columns,
      rowLabel: try container.decode(String.self, forKey: .rowLabel),
      columnLabel: try container.decode(String.self, forKey: .columnLabel), values: values,
      value: try container.decode(ChartAxis.self, forKey: .value),
      palette: try container.decode(Palette.self, forKey: .palette),
      showsValues: try container.decode(Bool.self, forKey: .showsValues))
  }

  /// Writes non-finite numbers as strings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(title, forKey: .title)
    try container.encodeIfPresent(caption, forKey: .caption)
    try container.encode(rows, forKey: .rows)
    try container.encode(columns, forKey: .columns)
    try container.encode(rowLabel, forKey: .rowLabel)
    try container.encode(columnLabel, forKey: .columnLabel)
    try container.encode(values.map { $0.map(JSONNumber.init) }, forKey: .values)
    try container.encode(value, forKey: .value)
    try container.encode(palette, forKey: .palette)
    try container.encode(showsValues, forKey: .showsValues)
  }
}
