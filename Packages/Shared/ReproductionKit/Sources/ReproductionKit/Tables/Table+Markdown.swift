extension Table {
  /// The table in GitHub's Markdown, without the title.
  public func markdown() -> String {
    var lines = [
      Self.line(columns.map { TextEscaping.markdownCell($0.heading) }),
      Self.line(
        columns.map {
          switch $0.alignment {
          case .leading: "---"
          case .center: ":-:"
          case .trailing: "--:"
          }
        }),
    ]
    lines += texts.map { Self.line($0.map(TextEscaping.markdownCell)) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }
}
