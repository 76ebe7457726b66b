import Foundation
import JSONC
import ReproductionKit
import Testing

private struct Sample: Experiment {
  static let id = "sample"
  static let title = "A sample <experiment> & its claims"
  static let citation = Citation(authors: ["A. Author"], title: "Paper", venue: "Conference", year: 2024, doi: "10.1/x")

  func run(_ context: RunContext) async throws -> Report {
    let value = try context.step("measure", as: Double.self) { 91.5 }
    if context.options["stop"] == "error" { throw RunError.badOption(name: "stop", value: "error", expected: "none") }
    if context.options["stop"] == "signal" { throw Interrupted() }
    var report = ReportBuilder(context)
    report.add(Claim(id: "A", statement: "it <works>", measured: .init(value, unit: "%"), criterion: .atLeast(90)))
    report.add(Claim(id: "B", statement: "it diverges", measured: .init(.nan), criterion: .atLeast(0)))
    report.add(.notTested(id: "C", statement: "more", criterion: .atMost(1), reason: "full scale only"))
    report.add(Table(title: "T", columns: [.text("a")], rows: [["x"], [.number(.nan)]]))
    report.add(
      .line(XYChart(name: "loss", title: "Loss", x: .init("x"), y: .init("y"), series: [.init("s", y: [3, .nan, 1])])))
    report.add(.line(XYChart(name: "loss", title: "Loss again", x: .init("x"), y: .init("y"), series: [])))
    report.note("a note")
    _ = try context.file("extra.csv")
    return report.build()
  }
}

@Suite struct ExperimentRunnerTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func runner(_ options: [String: String] = [:], resume: Bool = false) throws -> ExperimentRunner {
    ExperimentRunner(
      seed: .max, options: options, runs: folder.url, resume: resume, catalog: try DataCatalog(roots: []))
  }

  @Test func writesAReportThatReadsBack() async throws {
    let run = try await runner().run(Sample.self)
    let copy = try ReportWriter.read(run.folder.reportJSON)
    #expect(copy.claims.map(\.verdict) == run.report.claims.map(\.verdict))
    #expect(copy.provenance == run.report.provenance)
    #expect(copy.provenance.seed == .max)
    #expect(try JSON.encode(copy) == JSON.encode(run.report))
    #expect(copy.counts == (1, 1, 1))
    #expect(!copy.allTestedClaimsHold)
    #expect(ExitStatus(for: copy) == .claimFails)
    #expect(copy.artefacts == ["artefacts/extra.csv"])
    #expect(copy.provenance.peakMemoryBytes > 1 << 20)
    #expect(copy.provenance.host.cores > 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.url.path).sorted()
    #expect(names == ["artefacts", "charts", "checkpoints", "index.html", "report.json", "report.md", "run.json"])
    let charts = try FileManager.default.contentsOfDirectory(
      atPath: run.folder.url.appendingPathComponent("charts").path)
    #expect(charts.sorted() == ["loss-2.svg", "loss.svg"])
  }

  @Test func pageIsSelfContained() async throws {
    let run = try await runner().run(Sample.self)
    let page = try String(contentsOf: run.folder.reportHTML, encoding: .utf8)
    #expect(page.contains("A sample &lt;experiment&gt; &amp; its claims"))
    #expect(!page.contains("<works>"))
    for forbidden in ["<script", "src=", "@import", "url(http", "<link"] {
      #expect(!page.contains(forbidden))
    }
    #expect(page.contains("prefers-color-scheme: dark"))
    #expect(page.contains("@media print"))
    let claims = try #require(page.range(of: "<h2>Claims"))
    let figure = try #require(page.range(of: "<figure"))
    #expect(claims.lowerBound < figure.lowerBound)
    #expect(page.contains("figure-1-clip") && page.contains("figure-2-clip"))
    let markdown = try String(contentsOf: run.folder.reportMarkdown, encoding: .utf8)
    #expect(markdown.contains("| A | it &lt;works> | – | 91.5 % | ≥ 90 % | holds |"))
    #expect(markdown.contains("![Loss again](charts/loss-2.svg)"))
  }

  @Test func stateAndResumption() async throws {
    await #expect(throws: Interrupted.self) { try await runner(["stop": "signal"]).run(Sample.self) }
    #expect(try folder.text("sample/latest/run.json").contains("\"interrupted\""))
    await #expect(throws: RunError.self) { try await runner(["stop": "error"]).run(Sample.self) }
    #expect(try folder.text("sample/latest/run.json").contains("\"failed\""))
    await #expect(throws: Interrupted.self) { try await runner(["stop": "signal"], resume: true).run(Sample.self) }
    let folders = try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("sample").path)
    #expect(folders.count == 3)
    let run = try await runner().run(Sample.self)
    #expect(try folder.text("sample/latest/run.json").contains("\"finished\""))
    #expect(run.report.provenance.replayedSteps.isEmpty)
  }

  @Test func summaryForTheTerminal() async throws {
    let summary = try await runner().run(Sample.self).report.summary(width: 90)
    #expect(summary.contains("1 claim holds, 1 fails, 1 not tested"))
    #expect(summary.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func exitCodesOfErrors() {
    #expect(ExitStatus(for: Interrupted()) == .interrupted)
    #expect(ExitStatus(for: DataCatalogError.absent(name: "a", searched: [], whenAbsent: "w")) == .missingData)
    #expect(ExitStatus(for: DataCatalogError.unknownName(name: "a", known: [])) == .badInput)
    #expect(ExitStatus(for: RunError.badOption(name: "a", value: "b", expected: "c")) == .badInput)
  }

  @Test(arguments: ["", "{}", "[", "{\"schemaVersion\": 99}"])
  func damagedReportsAreErrors(_ text: String) throws {
    let url = try folder.write(text, to: "report.json")
    let error = #expect(throws: RunError.self) { try ReportWriter.read(url) }
    #expect(error?.description.contains("report.json") == true)
  }

  @Test func resultsDocumentReplacesInPlace() async throws {
    let report = try await runner().run(Sample.self).report
    let other = Report(
      experiment: ExperimentDescription(id: "another", title: "Another"), provenance: report.provenance)
    let url = folder.url.appendingPathComponent("Docs/results.md")
    try ResultsDocument.update(url, with: [report])
    try ResultsDocument.update(url, with: [other])
    let first = try String(contentsOf: url, encoding: .utf8)
    try ResultsDocument.update(url, with: [report])
    #expect(try String(contentsOf: url, encoding: .utf8) == first)
    var reversed = ResultsDocument()
    reversed.update(with: other)
    reversed.update(with: report)
    #expect(reversed.text == first)
    #expect(reversed.experiments == ["another", "sample"])
    #expect(first.contains("| A | it &lt;works> |"))
    #expect(first.contains("1 claim holds, 1 fails, 1 not tested"))
  }

  @Test func resultsDocumentKeepsForeignText() throws {
    let text = "# Mine\n\nintro\n\n<!-- hardwise:results:zz:begin -->\nold\n<!-- hardwise:results:zz:end -->\n\nend\n"
    let document = try ResultsDocument(text: text)
    #expect(document.experiments == ["zz"])
    #expect(document.text == text)
    for broken in [
      "<!-- hardwise:results:a:begin -->\n", "<!-- hardwise:results:a:end -->\n",
      "<!-- hardwise:results:a:begin -->\n<!-- hardwise:results:b:begin -->\n",
      "<!-- hardwise:results:a:begin -->\n<!-- hardwise:results:b:end -->\n",
    ] {
      #expect(throws: RunError.self) { try ResultsDocument(text: broken) }
    }
  }
}
