/// Draws histograms.
struct HistogramDrawing {
  private let chart: HistogramChart
  private let style: ChartStyle
  private let frame: PlotFrame

  init(_ chart: HistogramChart, style: ChartStyle) {
    self.chart = chart
    self.style = style
    let axis = ChartAxis(
      chart.x.label, unit: chart.x.unit, scale: chart.x.scale, lower: chart.edges.first, upper: chart.edges.last)
    let x = ResolvedAxis(axis, values: chart.edges, padding: 0, tickCount: 8)
    let counts = chart.series.flatMap(\.counts).map(Double.init)
    let y = ResolvedAxis(ChartAxis(chart.countLabel), values: counts, includesZero: true, tickCount: 5)
    let legend = chart.series.enumerated().map { index, series in
      Legend.Entry(name: series.name, symbol: .box(color: style.color(index), opacity: 0.65))
    }
    frame = PlotFrame(
      title: chart.title, horizontal: .axis(x), vertical: y, legend: legend, references: chart.references, style: style)
  }

  func image() -> SVGImage {
    frame.image(referencesOnTop: true) { image in
      for (index, series) in chart.series.enumerated() { drawBars(series, index, in: &image) }
      if chart.series.count > 1 {
        for (index, series) in chart.series.enumerated() { drawOutline(series, index, in: &image) }
      }
      if chart.series.allSatisfy({ $0.counts.allSatisfy { $0 == 0 } }) { frame.drawEmptiness(in: &image) }
    }
  }

  private func drawBars(_ series: HistogramChart.Series, _ index: Int, in image: inout SVGImage) {
    let isAlone = chart.series.count == 1
    for (bin, count) in series.counts.enumerated() where count > 0 {
      guard let left = frame.x(chart.edges[bin]), let right = frame.x(chart.edges[bin + 1]),
        let top = frame.y(Double(count))
      else { continue }
      let gap = isAlone && right - left > 6 ? 0.75 : 0
      image.rectangle(
        Rect(x: left + gap, y: top, width: max(0.5, right - left - 2 * gap), height: frame.plot.bottom - top),
        fill: style.color(index), opacity: isAlone ? 0.9 : 0.3)
    }
  }

  /// The steps of one of several distributions: overlapping fills alone would be hard to tell apart.
  private func drawOutline(_ series: HistogramChart.Series, _ index: Int, in image: inout SVGImage) {
    var points: [(x: Double, y: Double)] = []
    for (bin, count) in series.counts.enumerated() {
      guard let left = frame.x(chart.edges[bin]), let right = frame.x(chart.edges[bin + 1]),
        let top = frame.y(Double(count))
      else { continue }
      if points.isEmpty { points.append((left, frame.plot.bottom)) }
      points.append((left, top))
      points.append((right, top))
    }
    if let last = points.last { points.append((last.x, frame.plot.bottom)) }
    image.polyline(points, color: style.color(index), width: 1.8, dash: style.dash(index))
  }
}
