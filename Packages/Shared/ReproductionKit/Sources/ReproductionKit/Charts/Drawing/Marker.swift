/// The shape of a point, a second cue beside its colour.
enum Marker: Int, CaseIterable {
  case circle, square, triangle, diamond, triangleDown, cross

  /// The shape for the i-th series.
  init(index: Int) {
    self = Self.allCases[index % Self.allCases.count]
  }

  /// Draws the marker with a thin outline in the paper's colour, which keeps overlapping points apart.
  func draw(
    _ x: Double, _ y: Double, radius: Double = 4.2, color: String, halo: String, opacity: Double = 1,
    in image: inout SVGImage
  ) {
    func shape(_ offsets: [(Double, Double)]) {
      image.polygon(
        offsets.map { (x + $0.0 * radius, y + $0.1 * radius) }, fill: color, opacity: opacity, stroke: halo, width: 0.8)
    }
    switch self {
    case .circle: image.circle(x, y, radius: radius, fill: color, stroke: halo, width: 0.8, opacity: opacity)
    case .square: shape([(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)])
    case .triangle: shape([(0, -1.15), (1.1, 0.85), (-1.1, 0.85)])
    case .diamond: shape([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)])
    case .triangleDown: shape([(0, 1.15), (1.1, -0.85), (-1.1, -0.85)])
    case .cross:
      let arm = 0.38
      shape([
        (-arm, -1.1), (arm, -1.1), (arm, -arm), (1.1, -arm), (1.1, arm), (arm, arm), (arm, 1.1), (-arm, 1.1),
        (-arm, arm), (-1.1, arm), (-1.1, -arm), (-arm, -arm),
      ])
    }
  }
}
