/// The legend: rows of entries above the plot, where they cannot cover data.
struct Legend {
  /// What stands before a name.
  enum Symbol {
    case line(color: String, dash: String?, marker: Marker?)
    case marker(Marker, color: String)
    case box(color: String, opacity: Double)
  }

  struct Entry {
    var name: String
    var symbol: Symbol
  }

  static let rowHeight = 18.0
  private static let symbolWidth = 26.0
  private static let gap = 20.0

  /// Entries with their left edges, row by row.
  private let rows: [[(x: Double, entry: Entry)]]

  /// Arranges the entries in rows between two edges. A single entry needs no legend.
  init(_ entries: [Entry], from left: Double, to right: Double, showsSingle: Bool = false) {
    var rows: [[(x: Double, entry: Entry)]] = []
    if entries.count > 1 || showsSingle {
      var x = left
      for entry in entries {
        var entry = entry
        entry.name = TextMetrics.fitted(
          entry.name, size: ChartStyle.tickSize, limit: right - left - Self.symbolWidth)
        let width = Self.symbolWidth + TextMetrics.width(entry.name, size: ChartStyle.tickSize)
        if rows.isEmpty || x + width > right {
          rows.append([])
          x = left
        }
        rows[rows.count - 1].append((x, entry))
        x += width + Self.gap
      }
    }
    self.rows = rows
  }

  /// Height of all rows.
  var height: Double { Double(rows.count) * Self.rowHeight }

  /// Draws the legend with its upper edge at `top`.
  func draw(at top: Double, style: ChartStyle, in image: inout SVGImage) {
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      for (x, entry) in row {
        Self.draw(entry.symbol, x, y, style, in: &image)
        image.text(entry.name, x + Self.symbolWidth, y + 4, size: ChartStyle.tickSize, color: style.ink)
      }
    }
  }

  private static func draw(_ symbol: Symbol, _ x: Double, _ y: Double, _ style: ChartStyle, in image: inout SVGImage) {
    switch symbol {
    case .line(let color, let dash, let marker):
      image.line(x, y, x + 20, y, color: color, width: 2, dash: dash)
      marker?.draw(x + 10, y, radius: 3.6, color: color, halo: style.paper, in: &image)
    case .marker(let marker, let color):
      marker.draw(x + 12, y, color: color, halo: style.paper, in: &image)
    case .box(let color, let opacity):
      image.rectangle(Rect(x: x + 6, y: y - 5.5, width: 13, height: 11), fill: color, opacity: opacity, radius: 1.5)
    }
  }
}
