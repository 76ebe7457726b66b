/// A chart of a report. Charts are data: they are stored in `report.json` and drawn when a report is rendered.
public enum Chart: Sendable, Hashable {
  /// Lines in the order of their points, with error bands.
  case line(XYChart)
  /// Points with error bars, and fronts through the best of them.
  case scatter(XYChart)
  /// Groups of bars.
  case bar(BarChart)
  /// Distribution of values.
  case histogram(HistogramChart)
  /// A matrix in colours.
  case heatMap(HeatMapChart)
  /// Kernels below a machine's limits.
  case roofline(RooflineChart)

  /// Name of the file.
  public var name: String {
    switch self {
    case .line(let chart), .scatter(let chart): chart.name
    case .bar(let chart): chart.name
    case .histogram(let chart): chart.name
    case .heatMap(let chart): chart.name
    case .roofline(let chart): chart.name
    }
  }

  /// What the chart shows.
  public var title: String {
    switch self {
    case .line(let chart), .scatter(let chart): chart.title
    case .bar(let chart): chart.title
    case .histogram(let chart): chart.title
    case .heatMap(let chart): chart.title
    case .roofline(let chart): chart.title
    }
  }

  /// The sentence below the chart.
  public var caption: String? {
    switch self {
    case .line(let chart), .scatter(let chart): chart.caption
    case .bar(let chart): chart.caption
    case .histogram(let chart): chart.caption
    case .heatMap(let chart): chart.caption
    case .roofline(let chart): chart.caption
    }
  }

  /// The chart as an SVG image, 720 units wide.
  public func svg(theme: ChartTheme = .standalone) -> String {
    svg(theme: theme, clipName: "plot")
  }

  /// ``svg(theme:)`` with a name for the clip path that is unique on a page with several charts.
  func svg(theme: ChartTheme, clipName: String) -> String {
    let style = ChartStyle(theme, clipName: clipName)
    let image =
      switch self {
      case .line(let chart): XYChartDrawing(chart, connectsAll: true, style: style).image()
      case .scatter(let chart): XYChartDrawing(chart, connectsAll: false, style: style).image()
      case .bar(let chart): BarChartDrawing(chart, style: style).image()
      case .histogram(let chart): HistogramDrawing(chart, style: style).image()
      case .heatMap(let chart): HeatMapDrawing(chart, style: style).image()
      case .roofline(let chart): RooflineDrawing(chart, style: style).image()
      }
    return image.text(title: title)
  }
}

extension Chart: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, chart
  }

  private enum Kind: String, Codable {
    case line, scatter, bar, histogram, heatMap, roofline
  }

  /// Reads `{"kind": "line", "chart": {…}}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .line: self = .line(try container.decode(XYChart.self, forKey: .chart))
    case .scatter: self = .scatter(try container.decode(XYChart.self, forKey: .chart))
    case .bar: self = .bar(try container.decode(BarChart.self, forKey: .chart))
    case .histogram: self = .histogram(try container.decode(HistogramChart.self, forKey: .chart))
    case .heatMap: self = .heatMap(try container.decode(HeatMapChart.self, forKey: .chart))
    case .roofline: self = .roofline(try container.decode(RooflineChart.self, forKey: .chart))
    }
  }

  /// Writes the kind and the chart's data.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .line(let chart):
      try container.encode(Kind.line, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    case .scatter(let chart):
      try container.encode(Kind.scatter, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    case .bar(let chart):
      try container.encode(Kind.bar, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    case .histogram(let chart):
      try container.encode(Kind.histogram, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    case .heatMap(let chart):
      try container.encode(Kind.heatMap, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    case .roofline(let chart):
      try container.encode(Kind.roofline, forKey: .kind)
      try container.encode(chart, forKey: .chart)
    }
  }
}
