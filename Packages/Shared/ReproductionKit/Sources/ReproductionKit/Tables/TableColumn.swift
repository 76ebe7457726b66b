/// A column of a ``Table``.
public struct TableColumn: Sendable, Codable, Hashable {
  /// Where the text of a column stands.
  public enum Alignment: String, Sendable, Codable, Hashable {
    /// Left.
    case leading
    /// Middle.
    case center
    /// Right, for numbers.
    case trailing
  }

  /// Heading.
  public let name: String
  /// Unit, shown in the heading; `nil` for words and pure numbers.
  public let unit: String?
  /// Alignment of heading and cells.
  public let alignment: Alignment
  /// Decimals of number cells; `nil` prints four significant digits.
  public let decimals: Int?

  /// A column.
  public init(name: String, unit: String? = nil, alignment: Alignment, decimals: Int? = nil) {
    self.name = name
    self.unit = unit
    self.alignment = alignment
    self.decimals = decimals
  }

  /// A column of words, left-aligned.
  public static func text(_ name: String) -> TableColumn {
    TableColumn(name: name, alignment: .leading)
  }

  /// A column of numbers, right-aligned.
  public static func number(_ name: String, unit: String? = nil, decimals: Int? = nil) -> TableColumn {
    TableColumn(name: name, unit: unit, alignment: .trailing, decimals: decimals)
  }

  /// Name and unit, such as `latency (ms)`.
  var heading: String {
    guard let unit, !unit.isEmpty else { return name }
    return name.isEmpty ? unit : "\(name) (\(unit))"
  }
}
