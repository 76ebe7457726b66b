/// A table of typed cells with units, rendered as Markdown, HTML or plain text.
///
/// ```swift
/// var table = Table(title: "Fronts", columns: [.text("method"), .number("top-1", unit: "%", decimals: 2)])
/// table.append(["class-aware", 91.04])
/// print(table.plainText())
/// ```
public struct Table: Sendable, Codable, Hashable {
  /// What the table shows.
  public let title: String
  /// A remark below the title, such as how the numbers were obtained.
  public var caption: String?
  /// The columns.
  public let columns: [TableColumn]
  /// The rows, each with one cell per column.
  public private(set) var rows: [[TableCell]]

  private enum CodingKeys: String, CodingKey {
    case title, caption, columns, rows
  }

  /// A table. Every row must have one cell per column.
  public init(title: String, caption: String? = nil, columns: [TableColumn], rows: [[TableCell]] = []) {
    self.title = title
    self.caption = caption
    self.columns = columns
    self.rows = []
    for row in rows { append(row) }
  }

  /// Adds a row with one cell per column.
  public mutating func append(_ row: [TableCell]) {
    precondition(
      row.count == columns.count,
      "Table \"\(title)\": a row has \(row.count) cells, the table has \(columns.count) columns")
    rows.append(row)
  }

  /// Reads a table, checking that it is rectangular.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    title = try container.decode(String.self, forKey: .title)
    caption = try container.decodeIfPresent(String.self, forKey: .caption)
    columns = try container.decode([TableColumn].self, forKey: .columns)
    rows = try container.decode([[TableCell]].self, forKey: .rows)
    if let row = rows.firstIndex(where: { $0.count != columns.count }) {
      throw DecodingError.dataCorruptedError(
        forKey: .rows, in: container,
        debugDescription: "row \(row) has \(rows[row].count) cells, the table has \(columns.count) columns")
    }
  }

  /// The text of all cells, row by row.
  var texts: [[String]] {
    rows.map { row in zip(row, columns).map { $0.text(decimals: $1.decimals) } }
  }
}
