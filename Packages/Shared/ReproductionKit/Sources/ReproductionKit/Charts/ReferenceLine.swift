/// A dashed line with a label, such as a paper's number or a machine's limit. The label stands outside the plot.
public struct ReferenceLine: Sendable, Hashable, Codable {
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
