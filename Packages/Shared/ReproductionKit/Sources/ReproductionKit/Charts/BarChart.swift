/// The contents of a bar chart: one group of bars per category.
public struct BarChart: Sendable, Hashable, Codable {
  /// The bars of one series, one per category.
  public struct Series: Sendable, Hashable {
    /// Name in the legend.
    public let name: String
    /// Heights, one per category; NaN draws no bar.
    public let values: [Double]
    /// Half-heights of the error bars, one per category.
    public let errors: [Double]?

    /// A series.
    public init(_ name: String, _ values: [Double], errors: [Double]? = nil) {
      self.name = name
      self.values = values
      self.errors = errors
    }
  }

  /// How the series of one category stand.
  public enum Arrangement: String, Sendable, Hashable, Codable {
    /// Side by side.
    case grouped
    /// On top of each other, for parts of a whole. Values must not be negative.
    case stacked
  }

  /// Name of the file.
  public let name: String
  /// What the chart shows.
  public let title: String
  /// A sentence below the chart.
  public var caption: String?
  /// The categories, from left to right.
  public let categories: [String]
  /// What the categories are; shown below them.
  public let categoryLabel: String
  /// Vertical axis.
  public let y: ChartAxis
  /// The series, at most eight with distinct colours.
  public let series: [Series]
  /// How the series of one category stand.
  public let arrangement: Arrangement
  /// Whether the values are printed above the bars where there is room.
  public let showsValues: Bool
  /// Marked values.
  public let references: [ReferenceLine]

  /// A chart.
  public init(
    name: String, title: String, caption: String? = nil, categories: [String], categoryLabel: String = "",
    y: ChartAxis, series: [Series], arrangement: Arrangement = .grouped, showsValues: Bool = true,
    references: [ReferenceLine] = []
  ) {
    self.name = name
    self.title = title
    self.caption = caption
    self.categories = categories
    self.categoryLabel = categoryLabel
    self.y = y
    self.series = series
    self.arrangement = arrangement
    self.showsValues = showsValues
    self.references = references
  }
}

extension BarChart.Series: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, values, errors
  }

  /// Reads a series as written in `report.json`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    values = try container.decodeNumbers(forKey: .values)
    errors = container.contains(.errors) ? try container.decodeNumbers(forKey: .errors) : nil
  }

  /// Writes non-finite numbers as strings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encodeNumbers(values, forKey: .values)
    if let errors { try container.encodeNumbers(errors, forKey: .errors) }
  }
}
