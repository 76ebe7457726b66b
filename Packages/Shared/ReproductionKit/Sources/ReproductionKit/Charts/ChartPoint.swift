/// A point of a series, with optional error bars and a label.
public struct ChartPoint: Sendable, Hashable {
  /// Position along x. Points with a NaN are not drawn and interrupt a line.
  public var x: Double
  /// Position along y.
  public var y: Double
  /// Half-width of the horizontal error bar.
  public var xError: Double?
  /// Half-height of the vertical error bar.
  public var yError: Double?
  /// Text beside the point.
  public var label: String?

  /// A point.
  public init(x: Double, y: Double, xError: Double? = nil, yError: Double? = nil, label: String? = nil) {
    self.x = x
    self.y = y
    self.xError = xError
    self.yError = yError
    self.label = label
  }
}

extension ChartPoint: Codable {
  private enum CodingKeys: String, CodingKey {
    case x, y, xError, yError, label
  }

  /// Reads a point as written in `report.json`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    x = try container.decodeNumber(forKey: .x)
    y = try container.decodeNumber(forKey: .y)
    xError = try container.decodeNumberIfPresent(forKey: .xError)
    yError = try container.decodeNumberIfPresent(forKey: .yError)
    label = try container.decodeIfPresent(String.self, forKey: .label)
  }

  /// Writes non-finite numbers as strings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeNumber(x, forKey: .x)
    try container.encodeNumber(y, forKey: .y)
    try container.encodeNumberIfPresent(xError, forKey: .xError)
    try container.encodeNumberIfPresent(yError, forKey: .yError)
    try container.encodeIfPresent(label, forKey: .label)
  }
}
