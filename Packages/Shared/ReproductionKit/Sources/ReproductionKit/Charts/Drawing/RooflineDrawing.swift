import Foundation

/// Draws roofline charts.
struct RooflineDrawing {
  private let chart: RooflineChart
  private let style: ChartStyle
  private let frame: PlotFrame
  private let groups: [String]
  private let bandwidths: [(name: String, rate: Double)]
  private let peaks: [(name: String, rate: Double)]
  private let x: ResolvedAxis
  private let y: ResolvedAxis

  init(_ chart: RooflineChart, style: ChartStyle) {
    self.chart = chart
    self.style = style
    var bandwidths: [(name: String, rate: Double)] = []
    var peaks: [(name: String, rate: Double)] = []
    for ceiling in chart.ceilings {
      switch ceiling {
      case .bandwidth(let name, let rate) where rate > 0: bandwidths.append((name, rate))
      case .compute(let name, let rate) where rate > 0: peaks.append((name, rate))
      default: break
      }
    }
    self.bandwidths = bandwidths.sorted { $0.rate > $1.rate }
    self.peaks = peaks.sorted { $0.rate > $1.rate }
    groups = chart.kernels.reduce(into: []) { if !$0.contains($1.group) { $0.append($1.group) } }

    let highest = self.peaks.first?.rate ?? 1
    // Show every ridge, where a slope meets the highest peak, with some room on either side.
    let ridges = bandwidths.map { highest / $0.rate }
    let intensities = chart.kernels.map(\.intensity) + ridges.flatMap { [$0 / 8, $0 * 4] }
    let rates = chart.kernels.map(\.gigaoperationsPerSecond) + peaks.map(\.rate) + [highest / 50]
    x = ResolvedAxis(
      ChartAxis("Arithmetic intensity", unit: "\(chart.operation)/byte", scale: .logarithmic), values: intensities,
      padding: 0.04, tickCount: 8)
    y = ResolvedAxis(
      ChartAxis("Performance", unit: "G\(chart.operation)/s", scale: .logarithmic), values: rates, padding: 0.06,
      tickCount: 6)
    let legend =
      groups.count > 1
      ? groups.enumerated().map { index, name in
        Legend.Entry(name: name, symbol: .marker(Marker(index: index), color: style.color(index)))
      } : []
    frame = PlotFrame(
      title: chart.title, horizontal: .axis(x), vertical: y, legend: legend, plotHeight: 330, style: style)
  }

  func image() -> SVGImage {
    frame.image { image in
      var obstacles: [Rect] = []
      drawCeilings(&obstacles, in: &image)
      drawKernels(obstacles, in: &image)
    }
  }

  private func drawCeilings(_ obstacles: inout [Rect], in image: inout SVGImage) {
    let highest = peaks.first?.rate ?? y.upper
    let fastest = bandwidths.first?.rate
    for (index, bandwidth) in bandwidths.enumerated() {
      let start = max(x.lower, y.lower / bandwidth.rate)
      guard let a = frame.position(start, start * bandwidth.rate),
        let b = frame.position(highest / bandwidth.rate, highest)
      else { continue }
      image.line(a.x, a.y, b.x, b.y, color: style.muted, width: index == 0 ? 2 : 1.3)
      obstacles += LabelPlacer.obstacles(from: a, to: b)
      let text = "\(bandwidth.name) \(NumberText.text(bandwidth.rate, significant: 3)) GB/s"
      drawAlong(text, from: a, to: b, &obstacles, in: &image)
    }
    for (index, peak) in peaks.enumerated() {
      let start = fastest.map { peak.rate / $0 } ?? x.lower
      guard let a = frame.position(max(start, x.lower), peak.rate), let y = frame.y(peak.rate) else { continue }
      image.line(a.x, y, frame.plot.right, y, color: style.muted, width: index == 0 ? 2 : 1.3)
      obstacles += LabelPlacer.obstacles(from: a, to: (frame.plot.right, y))
      let text = "\(peak.name) \(NumberText.text(peak.rate, significant: 3)) G\(chart.operation)/s"
      let width = TextMetrics.width(text, size: 11)
      image.text(text, frame.plot.right - 2, y - 5, size: 11, color: style.muted, anchor: .end, halo: style.paper)
      obstacles.append(Rect(x: frame.plot.right - width, y: y - 16, width: width, height: 14))
    }
  }

  /// Writes a name along the lower part of a slope.
  private func drawAlong(
    _ text: String, from a: (x: Double, y: Double), to b: (x: Double, y: Double), _ obstacles: inout [Rect],
    in image: inout SVGImage
  ) {
    let length = hypot(b.x - a.x, b.y - a.y)
    guard length > 0 else { return }
    let (ux, uy) = ((b.x - a.x) / length, (b.y - a.y) / length)
    let width = TextMetrics.width(text, size: 11)
    let start = min(14, max(0, length - width))
    let x = a.x + ux * start + uy * 5
    let y = a.y + uy * start - ux * 5
    image.text(
      text, x, y, size: 11, color: style.muted, rotation: atan2(uy, ux) * 180 / .pi, halo: style.paper)
    for box in LabelPlacer.obstacles(from: (x, y), to: (x + ux * width, y + uy * width)) {
      obstacles.append(Rect(x: box.x - 3, y: box.y - 8, width: 10, height: 12))
    }
  }

  private func drawKernels(_ obstacles: [Rect], in image: inout SVGImage) {
    let positions = chart.kernels.map { frame.position($0.intensity, $0.gigaoperationsPerSecond) }
    for (kernel, position) in zip(chart.kernels, positions) {
      guard let position else { continue }
      let index = groups.firstIndex(of: kernel.group) ?? 0
      Marker(index: index).draw(
        position.x, position.y, radius: 4.8, color: style.color(index), halo: style.paper, in: &image)
    }
    let points = positions.compactMap { $0 }.map { Rect(x: $0.x - 6, y: $0.y - 6, width: 12, height: 12) }
    var placer = LabelPlacer(bounds: frame.plot, obstacles: obstacles + points)
    for (kernel, position) in zip(chart.kernels, positions) {
      guard let position, !kernel.name.isEmpty else { continue }
      let place = placer.place(kernel.name, position.x, position.y, size: 11)
      image.text(kernel.name, place.x, place.y, size: 11, color: style.ink, halo: style.paper)
    }
  }
}
