/// A report as Markdown.
struct MarkdownReport {
  private let report: Report
  private let chartPaths: [String]

  init(_ report: Report, chartPaths: [String]) {
    self.report = report
    self.chartPaths = chartPaths
  }

  var text: String {
    var parts = ["# " + report.experiment.title]
    if let citation = report.experiment.citation {
      parts.append(citation.text + (citation.address.map { " <\($0)>" } ?? ""))
    }
    parts.append("**\(report.countsText)** (scale \(report.provenance.scale.rawValue), seed \(report.provenance.seed))")
    if !report.claims.isEmpty { parts.append("## Claims\n\n" + report.claimsTable.markdown()) }
    for table in report.tables {
      parts.append("## \(table.title)\n\n" + table.markdown() + (table.caption.map { "\n\($0)\n" } ?? ""))
    }
    for (chart, path) in zip(report.charts, chartPaths) {
      parts.append("## \(chart.title)\n\n![\(chart.title)](\(path))" + (chart.caption.map { "\n\n\($0)" } ?? ""))
    }
    if !report.notes.isEmpty {
      parts.append("## Notes\n\n" + report.notes.map { "- \($0)" }.joined(separator: "\n"))
    }
    if !report.artefacts.isEmpty {
      parts.append("## Files\n\n" + report.artefacts.map { "- [\($0)](\($0))" }.joined(separator: "\n"))
    }
    parts.append("## Provenance\n\n" + factsTable.markdown())
    if !report.provenance.data.isEmpty { parts.append(report.provenance.dataTable.markdown()) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var factsTable: Table {
    var table = Table(title: "Provenance", columns: [.text("what"), .text("value")])
    for fact in report.provenance.facts { table.append([.text(fact.name), .text(fact.value)]) }
    return table
  }
}
