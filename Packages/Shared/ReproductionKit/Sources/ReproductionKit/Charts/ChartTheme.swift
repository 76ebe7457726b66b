/// Where a chart will be shown.
public enum ChartTheme: Sendable, Hashable {
  /// A file of its own: dark on white, with its title.
  case standalone
  /// Inside an HTML report: colours follow the page's `--chart-…` variables, the title stands in the page.
  case page
}

/// The colours and sizes of a chart.
struct ChartStyle {
  let ink: String
  let muted: String
  let grid: String
  let paper: String
  let showsTitle: Bool
  let clipName: String

  static let width = 720.0
  static let titleSize = 15.0
  static let labelSize = 12.5
  static let tickSize = 11.5

  init(_ theme: ChartTheme, clipName: String) {
    self.clipName = clipName
    switch theme {
    case .standalone:
      ink = "#1c2126"
      muted = "#5b6570"
      grid = "#e3e7ea"
      paper = "#ffffff"
      showsTitle = true
    case .page:
      ink = "var(--chart-ink)"
      muted = "var(--chart-muted)"
      grid = "var(--chart-grid)"
      paper = "var(--chart-paper)"
      showsTitle = false
    }
  }

  /// The palette of M. Okabe and K. Ito, distinguishable with every kind of colour vision, in an order that keeps neighbours
  /// far apart; yellow comes last because it is faint on white.
  func color(_ index: Int) -> String {
    let colors = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", ink, "#B8A800"]
    return colors[index % colors.count]
  }

  /// Line patterns, a second cue beside colour; series beyond the palette repeat colours with another pattern.
  func dash(_ index: Int) -> String? {
    let patterns: [String?] = [nil, "7 3", "2 3", "9 3 2 3"]
    return patterns[(index / 8) % patterns.count]
  }
}
