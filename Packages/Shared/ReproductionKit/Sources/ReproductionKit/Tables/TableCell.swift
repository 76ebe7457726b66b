/// One typed cell of a ``Table``. Literals work: `table.append(["ResNet-20", 91.73, 269_722, nil])`.
public enum TableCell: Sendable, Hashable {
  /// Words.
  case text(String)
  /// A count.
  case integer(Int)
  /// A number, printed with the column's decimals.
  case number(Double)
  /// A measured number with its spread.
  case measured(MeasuredValue)
  /// A verdict, shown as a badge in HTML.
  case verdict(Verdict)
  /// Nothing to show: printed as `–`.
  case missing

  /// The cell as plain text with the given number of decimals.
  func text(decimals: Int?) -> String {
    switch self {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.isNaN ? "NaN" : NumberText.text(value, decimals: decimals)
    case .measured(let value):
      value.decimals == nil && decimals != nil
        ? MeasuredValue(
          value.value, unit: value.unit, label: value.label, spread: value.spread, samples: value.samples,
          decimals: decimals
        ).text : value.text
    case .verdict(let verdict): verdict.text
    case .missing: "–"
    }
  }
}

extension TableCell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
  /// A text cell.
  public init(stringLiteral value: String) { self = .text(value) }
  /// An integer cell.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number cell.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A missing cell.
  public init(nilLiteral: ()) { self = .missing }
}

extension TableCell: Codable {
  private enum CodingKeys: String, CodingKey {
    case text, integer, number, measured, verdict
  }

  /// Reads a cell as written by ``encode(to:)``.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      self = .text(text)
    } else if let integer = try container.decodeIfPresent(Int.self, forKey: .integer) {
      self = .integer(integer)
    } else if let number = try container.decodeNumberIfPresent(forKey: .number) {
      self = .number(number)
    } else if let value = try container.decodeIfPresent(MeasuredValue.self, forKey: .measured) {
      self = .measured(value)
    } else if let verdict = try container.decodeIfPresent(Verdict.self, forKey: .verdict) {
      self = .verdict(verdict)
    } else {
      self = .missing
    }
  }

  /// Writes an object with one key, the kind of the cell; `{}` is a missing cell.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .text(let text): try container.encode(text, forKey: .text)
    case .integer(let value): try container.encode(value, forKey: .integer)
    case .number(let value): try container.encodeNumber(value, forKey: .number)
    case .measured(let value): try container.encode(value, forKey: .measured)
    case .verdict(let verdict): try container.encode(verdict, forKey: .verdict)
    case .missing: break
    }
  }
}
