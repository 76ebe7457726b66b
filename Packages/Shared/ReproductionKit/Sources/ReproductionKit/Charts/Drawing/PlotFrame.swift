/// Title, legend, axes and grid around the area in which data are drawn.
struct PlotFrame {
  /// What is drawn along the horizontal axis.
  enum Horizontal {
    case axis(ResolvedAxis)
    case categories([String], title: String)
  }

  let plot: Rect
  let height: Double
  private let horizontal: Horizontal
  private let vertical: ResolvedAxis
  private let title: [String]
  private let legend: Legend
  private let legendTop: Double
  private let references: [ReferenceLine]
  private let categoryLabels: CategoryLabels?
  private let style: ChartStyle

  /// Lays out a frame, ``ChartStyle/width`` wide, with a plot area of a given height.
  init(
    title: String, horizontal: Horizontal, vertical: ResolvedAxis, legend entries: [Legend.Entry],
    references: [ReferenceLine] = [], plotHeight: Double = 300, style: ChartStyle
  ) {
    self.horizontal = horizontal
    self.vertical = vertical
    self.style = style
    self.references = references.filter { $0.axis == .y ? vertical.contains($0.value) : horizontal.contains($0.value) }
    let margin = 14.0
    let width = ChartStyle.width

    let tickWidth = vertical.ticks.map { TextMetrics.width($0.label, size: ChartStyle.tickSize) }.max() ?? 0
    var left = margin + (vertical.title.isEmpty ? 0 : ChartStyle.labelSize + 10) + tickWidth + 8
    let labelWidth = self.references.filter { $0.axis == .y }
      .map { TextMetrics.width($0.label, size: ChartStyle.tickSize) }.max()
    let right = width - max(margin + 6, labelWidth.map { min($0, 170) + 12 } ?? 0)
    if case .categories(let names, _) = horizontal {
      left = max(left, CategoryLabels.leftReach(names, slot: (right - left) / Double(max(names.count, 1))))
    }

    self.title =
      style.showsTitle
      ? TextMetrics.lines(title, size: ChartStyle.titleSize, limit: width - 2 * margin, bold: true) : []
    legend = Legend(entries, from: left, to: width - margin)
    legendTop = self.title.isEmpty ? 6 : 10 + Double(self.title.count) * 20
    let hasVerticalReferences = self.references.contains { $0.axis == .x }
    let top = legendTop + legend.height + (hasVerticalReferences ? 26 : 12)
    plot = Rect(x: left, y: top, width: right - left, height: plotHeight)

    var below = 8 + ChartStyle.tickSize
    var hasTitle = true
    switch horizontal {
    case .axis(let axis):
      categoryLabels = nil
      hasTitle = !axis.title.isEmpty
    case .categories(let names, let title):
      let labels = CategoryLabels(names, slot: plot.width / Double(max(names.count, 1)))
      below = labels.height + 8
      categoryLabels = labels
      hasTitle = !title.isEmpty
    }
    height = plot.bottom + below + (hasTitle ? ChartStyle.labelSize + 10 : 0) + 12
  }

  /// An image with the frame drawn; `data` draws inside it, cut off at the plot's edges.
  ///
  /// - Parameter referencesOnTop: whether reference lines cross filled shapes instead of hiding behind them.
  func image(referencesOnTop: Bool = false, _ data: (inout SVGImage) -> Void) -> SVGImage {
    var image = SVGImage(width: ChartStyle.width, height: height, background: style.paper)
    for (index, line) in title.enumerated() {
      image.text(line, 14, 22 + Double(index) * 20, size: ChartStyle.titleSize, color: style.ink, bold: true)
    }
    legend.draw(at: legendTop, style: style, in: &image)
    drawGrid(in: &image)
    // A little room, so that markers on the edge stay whole.
    let clip = Rect(x: plot.x - 6, y: plot.y - 6, width: plot.width + 12, height: plot.height + 12)
    image.clipped(to: clip, name: style.clipName) { image in
      if !referencesOnTop { drawReferenceLines(in: &image) }
      data(&image)
      if referencesOnTop { drawReferenceLines(in: &image) }
    }
    drawAxes(in: &image)
    drawReferenceLabels(in: &image)
    return image
  }

  /// Says in the middle of the plot that there is nothing to see.
  func drawEmptiness(in image: inout SVGImage) {
    image.text(
      "no data", plot.x + plot.width / 2, plot.y + plot.height / 2, size: ChartStyle.labelSize, color: style.muted,
      anchor: .middle, halo: style.paper)
  }

  /// Horizontal position of a value; `nil` for what cannot be drawn.
  func x(_ value: Double) -> Double? {
    guard case .axis(let axis) = horizontal else { return nil }
    return axis.position(value).map { plot.x + $0 * plot.width }
  }

  /// Vertical position of a value; `nil` for what cannot be drawn.
  func y(_ value: Double) -> Double? {
    vertical.position(value).map { plot.bottom - $0 * plot.height }
  }

  /// Position of a point; `nil` for what cannot be drawn.
  func position(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
    guard let x = self.x(x), let y = self.y(y) else { return nil }
    return (x, y)
  }

  private func drawGrid(in image: inout SVGImage) {
    for tick in vertical.ticks {
      guard let y = y(tick.value) else { continue }
      image.line(plot.x, y, plot.right, y, color: style.grid)
    }
    if case .axis(let axis) = horizontal, axis.isLogarithmic {
      for tick in axis.ticks {
        guard let x = x(tick.value) else { continue }
        image.line(x, plot.y, x, plot.bottom, color: style.grid)
      }
    }
  }

  private func drawAxes(in image: inout SVGImage) {
    let size = ChartStyle.tickSize
    image.line(plot.x, plot.y, plot.x, plot.bottom, color: style.muted)
    image.line(plot.x, plot.bottom, plot.right, plot.bottom, color: style.muted)
    for value in vertical.minorTicks {
      if let y = y(value) { image.line(plot.x, y, plot.x - 3, y, color: style.muted, width: 0.7) }
    }
    for tick in vertical.ticks {
      guard let y = y(tick.value) else { continue }
      image.line(plot.x, y, plot.x - 5, y, color: style.muted)
      image.text(tick.label, plot.x - 8, y + size * 0.36, size: size, color: style.ink, anchor: .end)
    }
    if !vertical.title.isEmpty {
      image.text(
        vertical.title, 14 + ChartStyle.labelSize * 0.8, plot.y + plot.height / 2, size: ChartStyle.labelSize,
        color: style.ink, anchor: .middle, rotation: -90)
    }
    let title: String
    switch horizontal {
    case .axis(let axis):
      title = axis.title
      for value in axis.minorTicks {
        if let x = x(value) { image.line(x, plot.bottom, x, plot.bottom + 3, color: style.muted, width: 0.7) }
      }
      for tick in axis.ticks {
        guard let x = x(tick.value) else { continue }
        image.line(x, plot.bottom, x, plot.bottom + 5, color: style.muted)
        image.text(tick.label, x, plot.bottom + 8 + size, size: size, color: style.ink, anchor: .middle)
      }
    case .categories(_, let text):
      title = text
      categoryLabels?.draw(from: plot.x, y: plot.bottom + 8, style: style, in: &image)
    }
    if !title.isEmpty {
      image.text(
        title, plot.x + plot.width / 2, height - 12, size: ChartStyle.labelSize, color: style.ink, anchor: .middle)
    }
  }

  private func drawReferenceLines(in image: inout SVGImage) {
    for reference in references {
      switch reference.axis {
      case .y:
        guard let y = y(reference.value) else { continue }
        image.line(plot.x, y, plot.right, y, color: style.muted, width: 1.2, dash: "6 4")
      case .x:
        guard let x = x(reference.value) else { continue }
        image.line(x, plot.y, x, plot.bottom, color: style.muted, width: 1.2, dash: "6 4")
      }
    }
  }

  /// Labels right of horizontal lines and above vertical ones; crowded labels make room for each other.
  private func drawReferenceLabels(in image: inout SVGImage) {
    let size = ChartStyle.tickSize
    let horizontals = references.filter { $0.axis == .y }.compactMap { line in y(line.value).map { ($0, line.label) } }
    var free = -Double.infinity
    for (y, label) in horizontals.sorted(by: { $0.0 < $1.0 }) {
      let baseline = max(y + size * 0.36, free)
      image.text(
        TextMetrics.fitted(label, size: size, limit: ChartStyle.width - plot.right - 8), plot.right + 6, baseline,
        size: size, color: style.muted)
      free = baseline + size + 2
    }
    let verticals = references.filter { $0.axis == .x }.compactMap { line in x(line.value).map { ($0, line.label) } }
    var freeX = -Double.infinity
    for (x, label) in verticals.sorted(by: { $0.0 < $1.0 }) {
      let width = TextMetrics.width(label, size: size)
      let start = max(min(x - width / 2, ChartStyle.width - width - 4), freeX)
      image.text(label, start, plot.y - 8, size: size, color: style.muted)
      freeX = start + width + 10
    }
  }
}

extension PlotFrame.Horizontal {
  fileprivate func contains(_ value: Double) -> Bool {
    guard case .axis(let axis) = self else { return false }
    return axis.contains(value)
  }
}

extension ResolvedAxis {
  /// Whether a value lies between the ends of the axis.
  func contains(_ value: Double) -> Bool {
    position(value).map { $0 >= -1e-9 && $0 <= 1 + 1e-9 } ?? false
  }
}
