extension Table {
  /// The table as an HTML `<table>` with class names for alignment and verdict badges; all text is escaped.
  public func html() -> String {
    var lines = ["<div class=\"scroll\"><table>", "<thead><tr>"]
    for column in columns {
      lines.append("<th class=\"\(column.alignment.rawValue)\">\(TextEscaping.xml(column.heading))</th>")
    }
    lines.append("</tr></thead><tbody>")
    for row in rows {
      lines.append("<tr>" + zip(row, columns).map(Self.cell).joined() + "</tr>")
    }
    lines.append("</tbody></table></div>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ cell: TableCell, _ column: TableColumn) -> String {
    let content: String
    if case .verdict(let verdict) = cell {
      content = verdict.badge
    } else {
      content = TextEscaping.xml(cell.text(decimals: column.decimals))
    }
    return "<td class=\"\(column.alignment.rawValue)\">\(content)</td>"
  }
}

extension Verdict {
  /// The verdict as an HTML badge; the reason of an untested claim stands beside it.
  var badge: String {
    switch self {
    case .holds: "<span class=\"badge holds\">✓ holds</span>"
    case .fails: "<span class=\"badge fails\">✗ fails</span>"
    case .notTested(let reason):
      "<span class=\"badge untested\">– not tested</span> <small>\(TextEscaping.xml(reason))</small>"
    }
  }
}
