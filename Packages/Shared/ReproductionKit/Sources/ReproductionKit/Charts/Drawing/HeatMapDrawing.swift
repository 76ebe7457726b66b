import Foundation

/// Draws heat maps.
struct HeatMapDrawing {
  private let chart: HeatMapChart
  private let style: ChartStyle
  private let axis: ResolvedAxis
  private let colormap: Colormap

  init(_ chart: HeatMapChart, style: ChartStyle) {
    self.chart = chart
    self.style = style
    let values = chart.values.flatMap { $0 }.filter(\.isFinite)
    switch chart.palette {
    case .sequential:
      colormap = .sequential
      axis = ResolvedAxis(chart.value, values: values, padding: 0, tickCount: 6)
    case .diverging(let center):
      colormap = .diverging
      let reach = values.map { abs($0 - center) }.max() ?? 1
      let symmetric = ChartAxis(
        chart.value.label, unit: chart.value.unit, lower: chart.value.lower ?? center - reach,
        upper: chart.value.upper ?? center + reach)
      axis = ResolvedAxis(symmetric, values: values, padding: 0, tickCount: 6)
    }
  }

  func image() -> SVGImage {
    let size = ChartStyle.tickSize
    let margin = 14.0
    let title =
      style.showsTitle
      ? TextMetrics.lines(chart.title, size: ChartStyle.titleSize, limit: ChartStyle.width - 2 * margin, bold: true)
      : []
    let rowNames = chart.rows.map { TextMetrics.fitted($0, size: size, limit: 170) }
    let rowWidth = rowNames.map { TextMetrics.width($0, size: size) }.max() ?? 0
    var left = margin + (chart.rowLabel.isEmpty ? 0 : ChartStyle.labelSize + 10) + rowWidth + 8
    let barLabels = axis.ticks.map { TextMetrics.width($0.label, size: size) }.max() ?? 0
    let right = ChartStyle.width - (18 + 14 + 10 + barLabels + ChartStyle.labelSize + 16)
    left = max(
      left, CategoryLabels.leftReach(chart.columns, slot: (right - left) / Double(max(chart.columns.count, 1))))
    let top = title.isEmpty ? 8 : 14 + Double(title.count) * 20
    let columnWidth = (right - left) / Double(max(chart.columns.count, 1))
    let rowHeight = min(max(220 / Double(max(chart.rows.count, 1)), 9), min(34, max(columnWidth, 18)))
    let plot = Rect(x: left, y: top, width: right - left, height: rowHeight * Double(max(chart.rows.count, 1)))
    let labels = CategoryLabels(chart.columns, slot: columnWidth)
    let height = plot.bottom + 8 + labels.height + (chart.columnLabel.isEmpty ? 0 : ChartStyle.labelSize + 10) + 12

    var image = SVGImage(width: ChartStyle.width, height: max(height, top + 130), background: style.paper)
    for (index, line) in title.enumerated() {
      image.text(line, margin, 22 + Double(index) * 20, size: ChartStyle.titleSize, color: style.ink, bold: true)
    }
    drawCells(plot, columnWidth, rowHeight, in: &image)
    let every = max(1, Int(((size + 1) / rowHeight).rounded(.up)))
    for (row, name) in rowNames.enumerated() where row % every == 0 {
      image.text(
        name, left - 7, top + (Double(row) + 0.5) * rowHeight + size * 0.36, size: size, color: style.ink, anchor: .end)
    }
    labels.draw(from: left, y: plot.bottom + 3, style: style, in: &image)
    if !chart.rowLabel.isEmpty {
      image.text(
        chart.rowLabel, margin + ChartStyle.labelSize * 0.8, top + plot.height / 2, size: ChartStyle.labelSize,
        color: style.ink, anchor: .middle, rotation: -90)
    }
    if !chart.columnLabel.isEmpty {
      image.text(
        chart.columnLabel, plot.x + plot.width / 2, height - 12, size: ChartStyle.labelSize, color: style.ink,
        anchor: .middle)
    }
    drawColorBar(Rect(x: right + 18, y: top, width: 14, height: max(plot.height, 100)), in: &image)
    return image
  }

  private func drawCells(_ plot: Rect, _ columnWidth: Double, _ rowHeight: Double, in image: inout SVGImage) {
    let texts = chart.values.map {
      $0.map { NumberText.text($0, significant: 3).replacingOccurrences(of: "-", with: "−") }
    }
    let widest = texts.flatMap { $0 }.map { TextMetrics.width($0, size: 10) }.max() ?? 0
    let showsValues = chart.showsValues && widest <= columnWidth - 4 && rowHeight >= 13
    let gap = columnWidth > 12 && rowHeight > 12 ? 0.5 : 0
    for (row, values) in chart.values.enumerated() {
      for (column, value) in values.enumerated() {
        let cell = Rect(
          x: plot.x + Double(column) * columnWidth + gap, y: plot.y + Double(row) * rowHeight + gap,
          width: columnWidth - 2 * gap, height: rowHeight - 2 * gap)
        guard let position = axis.position(value) else {
          // A cell without a value is crossed out, so that it is not taken for a colour of the scale.
          image.rectangle(cell, fill: style.grid)
          image.line(cell.x, cell.bottom, cell.right, cell.y, color: style.muted, width: 0.8)
          continue
        }
        image.rectangle(cell, fill: colormap.color(position))
        if showsValues {
          image.text(
            texts[row][column], cell.x + cell.width / 2, cell.y + cell.height / 2 + 3.6, size: 10,
            color: colormap.textColor(position), anchor: .middle)
        }
      }
    }
  }

  private func drawColorBar(_ bar: Rect, in image: inout SVGImage) {
    let steps = 64
    for step in 0..<steps {
      let position = (Double(step) + 0.5) / Double(steps)
      // Half a unit of overlap hides the seams between the steps.
      image.rectangle(
        Rect(
          x: bar.x, y: bar.bottom - Double(step + 1) * bar.height / Double(steps), width: bar.width,
          height: bar.height / Double(steps) + (step == 0 ? 0 : 0.5)), fill: colormap.color(position))
    }
    let size = ChartStyle.tickSize
    for tick in axis.ticks {
      guard let position = axis.position(tick.value) else { continue }
      let y = bar.bottom - position * bar.height
      image.line(bar.right, y, bar.right + 4, y, color: style.muted)
      image.text(tick.label, bar.right + 7, y + size * 0.36, size: size, color: style.ink)
    }
    image.text(
      axis.title, ChartStyle.width - 8, bar.y + bar.height / 2, size: ChartStyle.labelSize, color: style.ink,
      anchor: .middle, rotation: -90)
  }
}
