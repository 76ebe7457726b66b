/// A named set of points of a line or scatter chart.
public struct ChartSeries: Sendable, Hashable, Codable {
  /// How the points of a scatter series are connected. Line charts always connect in order.
  public enum Connection: Sendable, Hashable, Codable {
    /// Not at all.
    case none
    /// In the order of the points.
    case inOrder
    /// The non-dominated points by a line; the others are drawn faintly.
    case front(xGoal: ParetoFront.Goal, yGoal: ParetoFront.Goal)
  }

  /// Name in the legend.
  public let name: String
  /// The points.
  public let points: [ChartPoint]
  /// How they are connected.
  public let connection: Connection

  /// A series of points.
  public init(_ name: String, points: [ChartPoint], connection: Connection = .none) {
    self.name = name
    self.points = points
    self.connection = connection
  }

  /// A series of paired values with optional vertical error bars; the shortest list decides the number of points.
  public init(
    _ name: String, x: [Double], y: [Double], yError: [Double]? = nil, connection: Connection = .none
  ) {
    let points = zip(x, y).enumerated().map { index, pair in
      ChartPoint(x: pair.0, y: pair.1, yError: yError.flatMap { index < $0.count ? $0[index] : nil })
    }
    self.init(name, points: points, connection: connection)
  }

  /// A series of values at 0, 1, 2, …
  public init(_ name: String, y: [Double]) {
    self.init(name, x: y.indices.map(Double.init), y: y)
  }
}
