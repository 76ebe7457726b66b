/// Draws line and scatter charts.
struct XYChartDrawing {
  private let chart: XYChart
  private let connectsAll: Bool
  private let style: ChartStyle
  private let frame: PlotFrame

  init(_ chart: XYChart, connectsAll: Bool, style: ChartStyle) {
    self.chart = chart
    self.connectsAll = connectsAll
    self.style = style
    let points = chart.series.flatMap(\.points)
    func ends(_ value: Double, _ error: Double?) -> [Double] {
      [value, value - (error ?? 0), value + (error ?? 0)]
    }
    let xReferences = chart.references.filter { $0.axis == .x }.map(\.value)
    let yReferences = chart.references.filter { $0.axis == .y }.map(\.value)
    let x = ResolvedAxis(
      chart.x, values: points.flatMap { ends($0.x, $0.xError) } + xReferences, padding: connectsAll ? 0.02 : 0.05,
      tickCount: 7)
    let y = ResolvedAxis(
      chart.y, values: points.flatMap { ends($0.y, $0.yError) } + yReferences, padding: 0.06, tickCount: 6)
    let legend = chart.series.enumerated().map { index, series in
      let marker = Marker(index: index)
      let color = style.color(index)
      let isConnected = connectsAll || series.connection != .none
      let symbol: Legend.Symbol =
        isConnected
        ? .line(
          color: color, dash: style.dash(index),
          marker: Self.showsMarkers(series, connectsAll: connectsAll) ? marker : nil)
        : .marker(marker, color: color)
      return Legend.Entry(name: series.name, symbol: symbol)
    }
    frame = PlotFrame(
      title: chart.title, horizontal: .axis(x), vertical: y, legend: legend, references: chart.references, style: style)
  }

  func image() -> SVGImage {
    frame.image { image in
      for (index, series) in chart.series.enumerated() { drawErrors(series, index, in: &image) }
      for (index, series) in chart.series.enumerated() { drawConnection(series, index, in: &image) }
      for (index, series) in chart.series.enumerated() { drawMarkers(series, index, in: &image) }
      drawLabels(in: &image)
      let isEmpty = chart.series.allSatisfy { $0.points.allSatisfy { frame.position($0.x, $0.y) == nil } }
      if isEmpty { frame.drawEmptiness(in: &image) }
    }
  }

  /// Long lines are clearer without markers.
  private static func showsMarkers(_ series: ChartSeries, connectsAll: Bool) -> Bool {
    !connectsAll || series.points.count <= 25
  }

  private func drawErrors(_ series: ChartSeries, _ index: Int, in image: inout SVGImage) {
    let color = style.color(index)
    if connectsAll {
      drawBand(series, color, in: &image)
      return
    }
    let cap = 3.0
    for point in series.points {
      guard let (x, y) = frame.position(point.x, point.y) else { continue }
      if let error = point.yError, let bottom = frame.y(point.y - error) ?? frame.plotBottom(error),
        let top = frame.y(point.y + error)
      {
        image.line(x, top, x, bottom, color: color, width: 1.2)
        image.line(x - cap, top, x + cap, top, color: color, width: 1.2)
        image.line(x - cap, bottom, x + cap, bottom, color: color, width: 1.2)
      }
      if let error = point.xError, let left = frame.x(point.x - error) ?? frame.plotLeft(error),
        let right = frame.x(point.x + error)
      {
        image.line(left, y, right, y, color: color, width: 1.2)
        image.line(left, y - cap, left, y + cap, color: color, width: 1.2)
        image.line(right, y - cap, right, y + cap, color: color, width: 1.2)
      }
    }
  }

  /// The band of a line's errors, one polygon per uninterrupted stretch.
  private func drawBand(_ series: ChartSeries, _ color: String, in image: inout SVGImage) {
    var upper: [(x: Double, y: Double)] = []
    var lower: [(x: Double, y: Double)] = []
    func flush() {
      if upper.count > 1 { image.polygon(upper + lower.reversed(), fill: color, opacity: 0.16) }
      upper = []
      lower = []
    }
    for point in series.points {
      guard let error = point.yError, let top = frame.position(point.x, point.y + error),
        let low = frame.y(point.y - error) ?? frame.plotBottom(error)
      else {
        flush()
        continue
      }
      upper.append(top)
      lower.append((top.x, low))
    }
    flush()
  }

  private func drawConnection(_ series: ChartSeries, _ index: Int, in image: inout SVGImage) {
    let color = style.color(index)
    if !connectsAll, case .front = series.connection {
      image.polyline(connectedPoints(series), color: color, width: 1.8, dash: style.dash(index))
      return
    }
    guard connectsAll || series.connection == .inOrder else { return }
    var stretch: [(x: Double, y: Double)] = []
    for point in series.points {
      if let position = frame.position(point.x, point.y) {
        stretch.append(position)
      } else {
        image.polyline(stretch, color: color, dash: style.dash(index))
        stretch = []
      }
    }
    image.polyline(stretch, color: color, dash: style.dash(index))
  }

  /// Positions of the points that a series connects by a line, in drawing order.
  private func connectedPoints(_ series: ChartSeries) -> [(x: Double, y: Double)] {
    switch connectsAll ? .inOrder : series.connection {
    case .none: return []
    case .inOrder: return series.points.compactMap { frame.position($0.x, $0.y) }
    case .front(let xGoal, let yGoal):
      let front = ParetoFront(x: series.points.map(\.x), y: series.points.map(\.y), xGoal: xGoal, yGoal: yGoal)
      return front.points.compactMap { frame.position($0.x, $0.y) }
    }
  }

  private func drawMarkers(_ series: ChartSeries, _ index: Int, in image: inout SVGImage) {
    let showsAll = Self.showsMarkers(series, connectsAll: connectsAll)
    var isOnFront = [Bool](repeating: true, count: series.points.count)
    if !connectsAll, case .front(let xGoal, let yGoal) = series.connection {
      isOnFront = [Bool](repeating: false, count: series.points.count)
      let front = ParetoFront(x: series.points.map(\.x), y: series.points.map(\.y), xGoal: xGoal, yGoal: yGoal)
      for point in front.points { isOnFront[point.index] = true }
    }
    let radius = series.points.count > 120 ? 2.6 : series.points.count > 40 ? 3.4 : 4.2
    for (number, point) in series.points.enumerated() {
      // A lone point between gaps would vanish with the line's markers.
      guard showsAll || isLone(number, series), let (x, y) = frame.position(point.x, point.y) else { continue }
      Marker(index: index).draw(
        x, y, radius: radius, color: style.color(index), halo: style.paper, opacity: isOnFront[number] ? 1 : 0.35,
        in: &image)
    }
  }

  private func isLone(_ number: Int, _ series: ChartSeries) -> Bool {
    func isDrawn(_ index: Int) -> Bool {
      series.points.indices.contains(index) && frame.position(series.points[index].x, series.points[index].y) != nil
    }
    return !isDrawn(number - 1) && !isDrawn(number + 1)
  }

  private func drawLabels(in image: inout SVGImage) {
    let labelled = chart.series.flatMap(\.points).filter { $0.label != nil }
    guard !labelled.isEmpty else { return }
    let positions = chart.series.flatMap(\.points).compactMap { frame.position($0.x, $0.y) }
    var obstacles = positions.map { Rect(x: $0.x - 5, y: $0.y - 5, width: 10, height: 10) }
    for series in chart.series {
      let line = connectedPoints(series)
      for (a, b) in zip(line, line.dropFirst()) { obstacles += LabelPlacer.obstacles(from: a, to: b) }
    }
    var placer = LabelPlacer(bounds: frame.plot, obstacles: obstacles)
    for point in labelled {
      guard let label = point.label, let (x, y) = frame.position(point.x, point.y) else { continue }
      let place = placer.place(label, x, y, size: 11)
      image.text(label, place.x, place.y, size: 11, color: style.ink, halo: style.paper)
    }
  }
}

extension PlotFrame {
  /// The lower end of an error bar that reaches beyond what a logarithmic axis can show.
  func plotBottom(_ error: Double) -> Double? { error.isFinite ? plot.bottom + 20 : nil }

  /// The left end of such an error bar.
  func plotLeft(_ error: Double) -> Double? { error.isFinite ? plot.x - 20 : nil }
}
