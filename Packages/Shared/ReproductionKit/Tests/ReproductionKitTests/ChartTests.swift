import Foundation
import JSONC
import ReproductionKit
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Checks that a text is well-formed XML, and collects what the tests look at.
private final class SVGReader: NSObject, XMLParserDelegate {
  private(set) var texts: [String] = []
  private(set) var elements: [String: Int] = [:]
  private(set) var numbers: [Double] = []
  private var open = false

  static func read(_ svg: String) -> SVGReader? {
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    return parser.parse() ? reader : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    if name == "text" || name == "title" {
      texts.append("")
      open = true
    }
    for key in ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"] {
      if let value = attributes[key] { numbers.append(Double(value) ?? .nan) }
    }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "text" || name == "title" { open = false }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if open, !texts.isEmpty { texts[texts.count - 1] += string }
  }
}

@Suite struct ChartTests {
  static let hostile = "a<b> & \"c\" 'd' \u{1}"
  static let values: [Double] = [1, 2.5, .nan, 4, .infinity, -3, 0]

  static let charts: [Chart] = {
    let x = ChartAxis("x " + hostile, unit: "ms")
    let logarithmic = ChartAxis("l", scale: .logarithmic)
    let series = [
      ChartSeries("one " + hostile, x: values.indices.map(Double.init), y: values, yError: values),
      ChartSeries(
        "two", points: [ChartPoint(x: 1, y: 1, xError: 2, yError: 9, label: hostile), ChartPoint(x: 5, y: 2)]),
      ChartSeries("front", x: [1, 2, 3], y: [3, 2, 5], connection: .front(xGoal: .minimize, yGoal: .maximize)),
      ChartSeries("empty", points: [], connection: .inOrder),
    ]
    let references = [ReferenceLine.y(2, "paper"), .y(2.01, "target"), .x(3, "start"), .y(1e9, "far"), .x(.nan, "nan")]
    return [
      .line(XYChart(name: "l", title: hostile, caption: "c", x: x, y: x, series: series, references: references)),
      .line(XYChart(name: "l2", title: "", x: logarithmic, y: logarithmic, series: series, references: references)),
      .line(XYChart(name: "none", title: "t", x: x, y: x, series: [])),
      .scatter(XYChart(name: "s", title: "t", x: x, y: x, series: series, references: references)),
      .scatter(XYChart(name: "s2", title: "t", x: logarithmic, y: logarithmic, series: series)),
      .bar(
        BarChart(
          name: "b", title: "t", categories: ["a", hostile, "c"], y: x,
          series: [.init("p", [1, .nan, -3], errors: [0.1, 0.2, .nan]), .init("q", [1])], references: references)),
      .bar(BarChart(name: "b2", title: "t", categories: ["a"], y: x, series: [.init("p", [2])], arrangement: .stacked)),
      .bar(BarChart(name: "b3", title: "t", categories: [], y: logarithmic, series: [])),
      .histogram(HistogramChart(name: "h", title: "t", x: x, values: ["a": values, "b": []])),
      .histogram(HistogramChart(name: "h2", title: "t", x: x, values: ["a": [1, 1, 1]])),
      .heatMap(
        HeatMapChart(
          name: "m", title: "t", rows: ["r", hostile], columns: ["a", "b", "c"], values: [[1, .nan, 2], [3, 4, 5]],
          value: x)),
      .heatMap(
        HeatMapChart(
          name: "m2", title: "t", rows: [], columns: [], values: [], value: x, palette: .diverging(center: 0))),
      .roofline(
        RooflineChart(
          name: "r", title: "t",
          ceilings: [.bandwidth("DRAM", gigabytesPerSecond: 20), .compute("peak", gigaoperationsPerSecond: 100)],
          kernels: [
            .init(hostile, intensity: 3, gigaoperationsPerSecond: 40),
            .init("bad", intensity: 0, gigaoperationsPerSecond: .nan),
          ])),
      .roofline(RooflineChart(name: "r2", title: "t", ceilings: [], kernels: [])),
    ]
  }()

  @Test(arguments: charts.indices, [ChartTheme.standalone, .page])
  func drawsWellFormedSVG(_ index: Int, _ theme: ChartTheme) throws {
    let chart = Self.charts[index]
    let svg = chart.svg(theme: theme)
    let reader = try #require(SVGReader.read(svg), "\(chart.name) is not well-formed XML")
    #expect(svg.contains("viewBox=\"0 0 720 "))
    #expect(reader.numbers.allSatisfy { $0.isFinite })
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func chartsSurviveJSON() throws {
    for chart in Self.charts {
      let copy = try JSON.decode(Chart.self, from: JSON.encode(chart))
      #expect(copy.svg() == chart.svg())
      #expect(copy.name == chart.name && copy.title == chart.title && copy.caption == chart.caption)
    }
  }

  @Test func axisTitlesCarryUnitsAndPowers() throws {
    let chart = Chart.line(
      XYChart(
        name: "n", title: "t", x: ChartAxis("Parameters"), y: ChartAxis("Latency", unit: "ms"),
        series: [ChartSeries("s", x: [0, 4e6], y: [1, 2])]))
    let texts = try #require(SVGReader.read(chart.svg())).texts
    #expect(texts.contains("Latency (ms)"))
    #expect(texts.contains("Parameters (10⁶)"))
    #expect(texts.contains("4.0") || texts.contains("4"))
  }

  @Test func oneSeriesNeedsNoLegend() throws {
    func texts(_ count: Int) throws -> [String] {
      let series = (0..<count).map { ChartSeries("series \($0)", y: [1, 2, 3]) }
      let chart = Chart.line(XYChart(name: "n", title: "t", x: ChartAxis("x"), y: ChartAxis("y"), series: series))
      return try #require(SVGReader.read(chart.svg())).texts
    }
    #expect(try !texts(1).contains("series 0"))
    #expect(try texts(2).contains("series 0"))
    #expect(try texts(2).contains("series 1"))
  }

  @Test func histogramCountsEveryFiniteValueOnce() {
    let chart = HistogramChart(
      name: "h", title: "t", x: ChartAxis("x"), bins: 7, values: ["a": (0..<100).map(Double.init) + [.nan, .infinity]])
    #expect(chart.series[0].counts.reduce(0, +) == 100)
    #expect(chart.edges.count == 8)
  }

  @Test func captionsAndThemes() {
    let chart = Self.charts[0]
    #expect(chart.svg().contains("#1c2126"))
    #expect(chart.svg(theme: .page).contains("var(--chart-ink)"))
    #expect(!chart.svg(theme: .page).contains("font-size=\"15\""))
  }

  @Test func raggedHeatMapsAreRejected() throws {
    let chart = HeatMapChart(name: "m", title: "t", rows: ["r"], columns: ["a"], values: [[1]], value: ChartAxis("v"))
    let text = String(decoding: try JSON.encode(chart), as: UTF8.self).replacingOccurrences(of: "[[1", with: "[[1,2")
    #expect(throws: (any Error).self) { try JSON.decode(HeatMapChart.self, from: Data(text.utf8)) }
  }
}
