/// An axis: what is drawn along it, in which unit and on which scale.
public struct ChartAxis: Sendable, Hashable, Codable {
  /// How values are spread along an axis.
  public enum Scale: String, Sendable, Hashable, Codable {
    /// Equal differences are equal distances.
    case linear
    /// Equal ratios are equal distances; values that are not positive are not drawn.
    case logarithmic
  }

  /// What is drawn along the axis.
  public let label: String
  /// Unit, shown in the axis title.
  public let unit: String?
  /// Linear or logarithmic.
  public let scale: Scale
  /// First value shown; `nil` follows the data, and so does a value that is not finite.
  public let lower: Double?
  /// Last value shown; `nil` follows the data.
  public let upper: Double?

  /// An axis.
  public init(
    _ label: String, unit: String? = nil, scale: Scale = .linear, lower: Double? = nil, upper: Double? = nil
  ) {
    self.label = label
    self.unit = unit
    self.scale = scale
    self.lower = lower.flatMap { $0.isFinite ? $0 : nil }
    self.upper = upper.flatMap { $0.isFinite ? $0 : nil }
  }
}
