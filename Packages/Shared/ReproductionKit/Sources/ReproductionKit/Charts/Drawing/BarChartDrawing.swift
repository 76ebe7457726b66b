import Foundation

/// Draws bar charts.
struct BarChartDrawing {
  private let chart: BarChart
  private let style: ChartStyle
  private let frame: PlotFrame
  private let axis: ResolvedAxis

  init(_ chart: BarChart, style: ChartStyle) {
    self.chart = chart
    self.style = style
    var values: [Double]
    switch chart.arrangement {
    case .grouped:
      values = chart.series.flatMap { series in
        series.values.enumerated().flatMap { index, value in
          let error = series.errors.flatMap { index < $0.count ? $0[index] : nil } ?? 0
          return error.isFinite ? [value - error, value + error] : [value]
        }
      }
    case .stacked:
      values = chart.categories.indices.map { category in
        chart.series.reduce(0) { $0 + Self.height($1, category) }
      }
    }
    values += chart.references.filter { $0.axis == .y }.map(\.value)
    axis = ResolvedAxis(
      chart.y, values: values, includesZero: true, padding: chart.showsValues ? 0.09 : 0.05, tickCount: 6)
    let legend = chart.series.enumerated().map { index, series in
      Legend.Entry(name: series.name, symbol: .box(color: style.color(index), opacity: 1))
    }
    frame = PlotFrame(
      title: chart.title, horizontal: .categories(chart.categories, title: chart.categoryLabel), vertical: axis,
      legend: legend, references: chart.references.filter { $0.axis == .y }, style: style)
  }

  func image() -> SVGImage {
    frame.image(referencesOnTop: true) { image in
      switch chart.arrangement {
      case .grouped: drawGroups(in: &image)
      case .stacked: drawStacks(in: &image)
      }
      if !axis.isLogarithmic, axis.lower < 0, let zero = frame.y(0) {
        image.line(frame.plot.x, zero, frame.plot.right, zero, color: style.muted)
      }
      if chart.series.allSatisfy({ $0.values.allSatisfy { !$0.isFinite } }) { frame.drawEmptiness(in: &image) }
    }
  }

  private var slot: Double { frame.plot.width / Double(max(chart.categories.count, 1)) }
  /// Where bars begin: at zero, or at the end of the axis that is nearest to it.
  private var base: Double {
    axis.isLogarithmic ? frame.plot.bottom : frame.y(max(axis.lower, min(0, axis.upper))) ?? frame.plot.bottom
  }

  private func drawGroups(in image: inout SVGImage) {
    let count = Double(max(chart.series.count, 1))
    let groupWidth = min(slot * 0.78, 64 * count)
    let barWidth = groupWidth / count
    let base = base
    for category in chart.categories.indices {
      let left = frame.plot.x + (Double(category) + 0.5) * slot - groupWidth / 2
      for (index, series) in chart.series.enumerated() where category < series.values.count {
        let value = series.values[category]
        guard let y = frame.y(value) else { continue }
        let x = left + Double(index) * barWidth
        let gap = barWidth > 6 ? 1.0 : 0
        image.rectangle(
          Rect(x: x + gap, y: min(y, base), width: barWidth - 2 * gap, height: abs(base - y)), fill: style.color(index))
        let ends = drawError(series, category, x + barWidth / 2, in: &image) ?? (y, y)
        drawValue(
          value, x + barWidth / 2, above: min(ends.top, y), below: max(ends.bottom, y), width: barWidth, in: &image)
      }
    }
  }

  private func drawStacks(in image: inout SVGImage) {
    let barWidth = min(slot * 0.7, 72)
    for category in chart.categories.indices {
      let x = frame.plot.x + (Double(category) + 0.5) * slot - barWidth / 2
      var total = 0.0
      var top = base
      for (index, series) in chart.series.enumerated() {
        let height = Self.height(series, category)
        guard height > 0, let y = frame.y(total + height) else { continue }
        image.rectangle(
          Rect(x: x, y: y, width: barWidth, height: top - y), fill: style.color(index), stroke: style.paper)
        total += height
        top = y
      }
      drawValue(total, x + barWidth / 2, above: top, below: base, width: barWidth, in: &image)
    }
  }

  /// Draws the error bar and answers its ends.
  private func drawError(
    _ series: BarChart.Series, _ category: Int, _ x: Double, in image: inout SVGImage
  ) -> (top: Double, bottom: Double)? {
    guard let errors = series.errors, category < errors.count, errors[category].isFinite, errors[category] > 0,
      let top = frame.y(series.values[category] + errors[category])
    else { return nil }
    let bottom = frame.y(series.values[category] - errors[category]) ?? frame.plot.bottom
    image.line(x, top, x, bottom, color: style.ink, width: 1.2)
    image.line(x - 3, top, x + 3, top, color: style.ink, width: 1.2)
    image.line(x - 3, bottom, x + 3, bottom, color: style.ink, width: 1.2)
    return (top, bottom)
  }

  private func drawValue(
    _ value: Double, _ x: Double, above top: Double, below bottom: Double, width: Double, in image: inout SVGImage
  ) {
    guard chart.showsValues else { return }
    let text = NumberText.text(value, significant: 3).replacingOccurrences(of: "-", with: "−")
    let size = 10.5
    guard TextMetrics.width(text, size: size) <= width + 4 else { return }
    image.text(
      text, x, value < 0 ? bottom + size + 2 : top - 4, size: size, color: style.ink, anchor: .middle, halo: style.paper
    )
  }

  private static func height(_ series: BarChart.Series, _ category: Int) -> Double {
    guard category < series.values.count, series.values[category].isFinite else { return 0 }
    return max(0, series.values[category])
  }
}
