/// A dashed line with a label, such as a paper's number or a machine's limit. The label stands outside the plot.
public struct ReferenceLine: Sendable, Hashable {
  /// The axis on which the line marks a value.
  public enum Axis: String, Sendable, Hashable, Codable {
    /// A vertical line at a value of x.
    case x
    /// A horizontal line at a value of y.
    case y
  }

  /// The axis of the value.
  public let axis: Axis
  /// The value.
  public let value: Double
  /// The label.
  public let label: String

  /// A horizontal line.
  public static func y(_ value: Double, _ label: String) -> ReferenceLine {
    ReferenceLine(axis: .y, value: value, label: label)
  }

  /// A vertical line.
  public static func x(_ value: Double, _ label: String) -> ReferenceLine {
    ReferenceLine(axis: .x, value: value, label: label)
  }
}

extension ReferenceLine: Codable {
  private enum CodingKeys: String, CodingKey {
    case axis, value, label
  }

  /// Reads a line as written in `report.json`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    axis = try container.decode(Axis.self, forKey: .axis)
    value = try container.decodeNumber(forKey: .value)
    label = try container.decode(String.self, forKey: .label)
  }

  /// Writes a non-finite value as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(axis, forKey: .axis)
    try container.encodeNumber(value, forKey: .value)
    try container.encode(label, forKey: .label)
  }
}
