extension Table {
  /// The table for a terminal: aligned columns, a rule below the heading, long words wrapped to `width` columns.
  public func plainText(width: Int = 110) -> String {
    let headings = columns.map(\.heading)
    let cells = texts
    var widths = headings.indices.map { column in
      ([headings[column]] + cells.map { $0[column] }).map(\.displayWidth).max() ?? 0
    }
    // Narrow the widest column until the table fits; words wrap inside it.
    let gaps = 2 * max(0, columns.count - 1)
    while widths.reduce(0, +) + gaps > width,
      let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 16
    {
      widths[widest] -= 1
    }

    var lines: [String] = title.isEmpty ? [] : [title]
    if let caption { lines += caption.wrapped(to: width) }
    lines += Self.lines(of: headings, widths: widths, columns: columns)
    lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
    for row in cells { lines += Self.lines(of: row, widths: widths, columns: columns) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of row: [String], widths: [Int], columns: [TableColumn]) -> [String] {
    let wrapped = row.indices.map { row[$0].wrapped(to: widths[$0]) }
    return (0..<(wrapped.map(\.count).max() ?? 0)).map { line in
      let cells = wrapped.indices.map { column in
        let text = line < wrapped[column].count ? wrapped[column][line] : ""
        let space = max(0, widths[column] - text.displayWidth)
        switch columns[column].alignment {
        case .leading: return text + String(repeating: " ", count: space)
        case .trailing: return String(repeating: " ", count: space) + text
        case .center:
          return String(repeating: " ", count: space / 2) + text + String(repeating: " ", count: space - space / 2)
        }
      }
      let text = cells.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension String {
  /// Columns on a terminal; good enough for Latin, Greek and mathematical text.
  var displayWidth: Int { count }

  /// The text broken at spaces into lines of at most `width` characters; longer words are split.
  func wrapped(to width: Int) -> [String] {
    guard count > width, width > 0 else { return [self] }
    var lines: [String] = []
    var line = ""
    for var word in split(separator: " ") {
      while word.count > width {
        if !line.isEmpty {
          lines.append(line)
          line = ""
        }
        lines.append(String(word.prefix(width)))
        word = word.dropFirst(width)
      }
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }
}
