/// A report as one self-contained page: no scripts, no external files, light and dark, printable.
struct HTMLReport {
  private let report: Report

  init(_ report: Report) {
    self.report = report
  }

  var text: String { HTMLPage.text(title: report.experiment.title, sections: sections) }

  private var sections: [String] {
    var sections = [header]
    if !report.claims.isEmpty { sections.append("<section><h2>Claims</h2>\n\(claims)</section>") }
    sections += report.charts.enumerated().map { HTMLPage.figure($1, number: $0 + 1) }
    sections += report.tables.map(HTMLPage.section)
    if !report.notes.isEmpty {
      let items = report.notes.map { "<li>\(escaped($0))</li>" }.joined()
      sections.append("<section><h2>Notes</h2><ul>\(items)</ul></section>")
    }
    if !report.artefacts.isEmpty {
      let items = report.artefacts.map { "<li><a href=\"\(escaped($0))\">\(escaped($0))</a></li>" }.joined()
      sections.append("<section><h2>Files</h2><ul>\(items)</ul></section>")
    }
    sections.append(provenance)
    return sections
  }

  private var header: String {
    let counts = report.counts
    var lines = ["<header><h1>\(escaped(report.experiment.title))</h1>"]
    if let citation = report.experiment.citation {
      let text = escaped(citation.text)
      let link = citation.address.map { "<a href=\"\(escaped($0))\">\(text)</a>" } ?? text
      lines.append("<p class=\"citation\">\(link)</p>")
    }
    if !report.claims.isEmpty {
      lines.append(
        """
        <p class="counts"><span class="badge holds">✓ \(counts.holds) hold</span> \
        <span class="badge fails">✗ \(counts.fails) fail</span> \
        <span class="badge untested">– \(counts.notTested) not tested</span> \
        <span class="run">scale \(report.provenance.scale.rawValue) · seed \(report.provenance.seed) · \
        \(escaped(report.provenance.startedAt))</span></p>
        """)
    }
    lines.append("</header>")
    return lines.joined(separator: "\n")
  }

  private var claims: String {
    var lines = [
      "<div class=\"scroll\"><table class=\"claims\">",
      "<thead><tr><th>id</th><th>claim</th><th>paper</th><th>measured</th><th>criterion</th><th>verdict</th></tr></thead>",
      "<tbody>",
    ]
    for claim in report.claims {
      let note = claim.note.map { "<br><small>\(escaped($0))</small>" } ?? ""
      let measured =
        claim.measurements.isEmpty
        ? "–" : claim.measurements.map { escaped($0.labelledText) }.joined(separator: "<br>")
      lines.append(
        """
        <tr><td class="id">\(escaped(claim.id))</td><td>\(escaped(claim.statement))\(note)</td>\
        <td>\(escaped(claim.paperValue ?? "–"))</td><td>\(measured)</td><td>\(escaped(claim.criterionText))</td>\
        <td>\(claim.verdict.badge)</td></tr>
        """)
    }
    lines.append("</tbody></table></div>")
    return lines.joined(separator: "\n")
  }

  private var provenance: String {
    let facts = report.provenance.facts
      .map { "<tr><th class=\"leading\">\(escaped($0.name))</th><td>\(escaped($0.value))</td></tr>" }
      .joined(separator: "\n")
    let data =
      report.provenance.data.isEmpty
      ? "<p>No data sets or models were used.</p>" : report.provenance.dataTable.html()
    return """
      <section><h2>Provenance</h2>
      <h3>Data and models</h3>
      \(data)
      <h3>Run</h3>
      <div class="scroll"><table class="facts"><tbody>\(facts)</tbody></table></div></section>
      """
  }

  private func escaped(_ text: String) -> String {
    HTMLPage.escaped(text)
  }
}
