/// The names below the groups of a bar chart or the columns of a heat map: on one line, broken, or slanted, as room permits.
struct CategoryLabels {
  private enum Arrangement {
    case upright([[String]])
    case slanted([String])
  }

  let height: Double
  private let arrangement: Arrangement
  private let slot: Double
  private let every: Int

  /// Arranges names in slots of equal width. Where slots are narrower than a line is high, only every n-th name is shown.
  init(_ names: [String], slot: Double, maximumHeight: Double = 110) {
    let size = ChartStyle.tickSize
    self.slot = slot
    let lines = names.map { TextMetrics.lines($0, size: size, limit: slot - 6) }
    let fits = lines.allSatisfy { $0.count <= 3 && $0.allSatisfy { TextMetrics.width($0, size: size) <= slot - 4 } }
    if fits {
      every = 1
      arrangement = .upright(lines)
      height = Double(max(1, lines.map(\.count).max() ?? 1)) * (size + 2)
      return
    }
    let widest = names.map { TextMetrics.width($0, size: size) }.max() ?? 0
    // Short names that are merely many (numbers, say) stay upright with gaps.
    if widest <= 30 {
      every = max(1, Int(((widest + 8) / slot).rounded(.up)))
      arrangement = .upright(names.map { [$0] })
      height = size + 2
      return
    }
    every = max(1, Int((size * 1.5 / slot).rounded(.up)))
    let limit = maximumHeight / 0.64
    arrangement = .slanted(names.map { TextMetrics.fitted($0, size: size, limit: limit) })
    height = min(widest, limit) * 0.64 + size
  }

  /// Room that slanted names need left of the first slot.
  static func leftReach(_ names: [String], slot: Double) -> Double {
    guard let first = names.first else { return 0 }
    guard case .slanted(let texts) = CategoryLabels(names, slot: slot).arrangement else { return 0 }
    return TextMetrics.width(texts.first ?? first, size: ChartStyle.tickSize) * 0.77 - slot / 2 + 6
  }

  /// Draws the names with their upper edge at `y`.
  func draw(from left: Double, y: Double, style: ChartStyle, in image: inout SVGImage) {
    let size = ChartStyle.tickSize
    func center(_ index: Int) -> Double { left + (Double(index) + 0.5) * slot }
    switch arrangement {
    case .upright(let names):
      for (index, lines) in names.enumerated() where index % every == 0 {
        for (row, line) in lines.enumerated() {
          image.text(
            line, center(index), y + size + Double(row) * (size + 2), size: size, color: style.ink, anchor: .middle)
        }
      }
    case .slanted(let names):
      for (index, name) in names.enumerated() where index % every == 0 {
        image.text(
          name, center(index) + 4, y + size * 0.8, size: size, color: style.ink, anchor: .end, rotation: -40)
      }
    }
  }
}
