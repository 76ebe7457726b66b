/// The contents of a histogram; several series are drawn over each other.
public struct HistogramChart: Sendable, Hashable, Codable {
  /// The counts of one series.
  public struct Series: Sendable, Hashable, Codable {
    /// Name in the legend.
    public let name: String
    /// Values in each bin.
    public let counts: [Int]

    /// A series.
    public init(_ name: String, counts: [Int]) {
      self.name = name
      self.counts = counts
    }
  }

  /// Name of the file.
  public let name: String
  /// What the chart shows.
  public let title: String
  /// A sentence below the chart.
  public var caption: String?
  /// Horizontal axis: the values.
  public let x: ChartAxis
  /// What is counted.
  public let countLabel: String
  /// Ascending bin edges, one more than there are bins.
  public let edges: [Double]
  /// The series.
  public let series: [Series]
  /// Marked values.
  public let references: [ReferenceLine]

  /// A histogram of counts that were made elsewhere.
  public init(
    name: String, title: String, caption: String? = nil, x: ChartAxis, countLabel: String = "Count", edges: [Double],
    series: [Series], references: [ReferenceLine] = []
  ) {
    precondition(
      series.allSatisfy { $0.counts.count == edges.count - 1 },
      "HistogramChart \"\(name)\": every series needs \(edges.count - 1) counts for \(edges.count) edges")
    precondition(
      edges.allSatisfy { $0.isFinite } && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 },
      "HistogramChart \"\(name)\": bin edges must be finite and ascending")
    self.name = name
    self.title = title
    self.caption = caption
    self.x = x
    self.countLabel = countLabel
    self.edges = edges
    self.series = series
    self.references = references
  }

  /// A histogram of values in equal bins over the range of all finite values. NaN and infinities are not counted.
  public init(
    name: String, title: String, caption: String? = nil, x: ChartAxis, countLabel: String = "Count", bins: Int = 20,
    values: KeyValuePairs<String, [Double]>, references: [ReferenceLine] = []
  ) {
    precondition(bins > 0, "HistogramChart \"\(name)\": bins must be positive, got \(bins)")
    let finite = values.flatMap(\.value).filter(\.isFinite)
    let lower = x.lower ?? finite.min() ?? 0
    var upper = x.upper ?? finite.max() ?? 1
    if upper <= lower { upper = lower + 1 }
    let edges = (0...bins).map { lower + (upper - lower) * Double($0) / Double(bins) }
    let series = values.map { name, values in
      var counts = [Int](repeating: 0, count: bins)
      for value in values where value >= lower && value <= upper {
        counts[min(bins - 1, Int((value - lower) / (upper - lower) * Double(bins)))] += 1
      }
      return Series(name, counts: counts)
    }
    self.init(
      name: name, title: title, caption: caption, x: x, countLabel: countLabel, edges: edges, series: series,
      references: references)
  }
}
