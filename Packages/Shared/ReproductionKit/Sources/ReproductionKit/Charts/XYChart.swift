/// The contents of a line or scatter chart.
public struct XYChart: Sendable, Hashable, Codable {
  /// Name of the file, such as `fronts`.
  public let name: String
  /// What the chart shows.
  public let title: String
  /// A sentence below the chart.
  public var caption: String?
  /// Horizontal axis.
  public let x: ChartAxis
  /// Vertical axis.
  public let y: ChartAxis
  /// The series, at most eight with distinct colours.
  public let series: [ChartSeries]
  /// Marked values.
  public let references: [ReferenceLine]

  /// A chart.
  public init(
    name: String, title: String, caption: String? = nil, x: ChartAxis, y: ChartAxis, series: [ChartSeries],
    references: [ReferenceLine] = []
  ) {
    self.name = name
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
    self.series = series
    self.references = references
  }
}
