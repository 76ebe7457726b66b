/// Places the labels of points so that they do not cover points, lines or each other where that can be avoided.
struct LabelPlacer {
  private let bounds: Rect
  private var obstacles: [Rect]

  /// A placer for labels inside `bounds` that avoids `obstacles`.
  init(bounds: Rect, obstacles: [Rect]) {
    self.bounds = bounds
    self.obstacles = obstacles
  }

  /// The position of a label beside the point (x, y): left edge and baseline.
  mutating func place(_ text: String, _ x: Double, _ y: Double, size: Double) -> (x: Double, y: Double) {
    let width = TextMetrics.width(text, size: size)
    let height = size
    let gap = 7.0
    let near = 8
    let candidates = [
      (x + gap, y - height / 2), (x - width / 2, y - gap - height), (x - width / 2, y + gap),
      (x - gap - width, y - height / 2), (x + gap * 0.7, y - gap * 0.7 - height), (x + gap * 0.7, y + gap * 0.7),
      (x - gap * 0.7 - width, y - gap * 0.7 - height), (x - gap * 0.7 - width, y + gap * 0.7),
      (x - width / 2, y - gap - 2 * height), (x - width / 2, y + gap + height),
      (x + 2 * gap, y + 2 * gap), (x + 2 * gap, y - 2 * gap - height), (x - 2 * gap - width, y + 2 * gap),
      (x - 2 * gap - width, y - 2 * gap - height),
    ].map { Rect(x: $0.0, y: $0.1, width: width, height: height) }
    // The places after the first eight are far from the point: only a clear gain justifies them. Costs are whole numbers,
    // because the areas of equally good places differ by rounding errors.
    let costs = candidates.enumerated().map { index, rect in cost(rect).rounded() + (index < near ? 0 : 40) }
    // The first of equally good places: they are listed by preference.
    let best = costs.indices.min { (costs[$0], $0) < (costs[$1], $1) } ?? 0
    let rect = candidates[best]
    obstacles.append(Rect(x: rect.x, y: rect.y - 1, width: width, height: height + 2))
    return (rect.x, rect.y + height * 0.82)
  }

  private func cost(_ rect: Rect) -> Double {
    let outside = rect.width * rect.height - rect.overlap(bounds)
    return obstacles.reduce(outside * 10) { $0 + $1.overlap(rect) }
  }

  /// Small squares along a line, as obstacles.
  static func obstacles(from a: (x: Double, y: Double), to b: (x: Double, y: Double)) -> [Rect] {
    let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
    let count = min(200, max(1, Int(length / 5)))
    return (0...count).map { step in
      let t = Double(step) / Double(count)
      return Rect(x: a.x + t * (b.x - a.x) - 3, y: a.y + t * (b.y - a.y) - 3, width: 6, height: 6)
    }
  }
}
