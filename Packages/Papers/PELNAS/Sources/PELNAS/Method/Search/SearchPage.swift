import Foundation
import ReproductionKit

/// A search as one self-contained page: the front, its cells drawn as graphs, the rules, and where time and calls went.
public enum SearchPage {
  /// Cells that are drawn.
  private static let drawings = 6

  /// The page.
  public static func html(_ report: SearchReport, _ task: SearchTask) -> String {
    let charts = SearchCharts.all(report, task)
    var sections = ["<header><h1>\(HTMLPage.escaped("Cells for \(report.task)"))</h1>\(summary(report))</header>"]
    sections += charts.enumerated().map { HTMLPage.figure($1, number: $0 + 1) }
    sections += report.examples(drawings).enumerated().map { index, point in
      HTMLPage.figure(
        svg: CellDrawing.svg(point.cell),
        caption: caption(point, task), number: charts.count + index + 1)
    }
    sections += [SearchTables.front(report, task), SearchTables.rules(report), facts(report)].map(HTMLPage.section)
    return HTMLPage.text(title: "PELNAS: \(report.task)", sections: sections)
  }

  private static func summary(_ report: SearchReport) -> String {
    let text =
      "Proposer: \(report.proposer.text). Accuracy while searching: \(report.estimator), "
      + "\(report.labelCost) trained labels. Costs: \(report.costEvidence.rawValue). "
      + (report.counters.isDegraded ? "Degraded: \(report.counters.failedCalls) calls failed. " : "")
    return "<p class=\"citation\">\(HTMLPage.escaped(text))</p>"
  }

  private static func caption(_ point: ScoredCell, _ task: SearchTask) -> String {
    HTMLPage.escaped(
      "\(point.cell): \(number(point.cost, 3)) \(task.costUnit), \(number(task.accuracies[point.cell.code], 2)) % trained, "
        + "\(number(point.accuracy, 2)) estimated. "
        + CellDrawing.text(point.cell).split(separator: "\n").joined(separator: "; "))
  }

  private static func number(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

  private static func facts(_ report: SearchReport) -> Table {
    let counters = report.counters
    let quality = report.quality
    let seconds = report.seconds
    var table = Table(title: "Run", columns: [.text("fact"), .text("value")])
    for (name, value) in [
      (
        "quality",
        "hvFull \(number(quality.hvFull, 4)), hvFront \(number(quality.hvFront, 4)), IGD full "
          + "\(number(quality.igdFull, 4)), IGD front \(number(quality.igdFront, 4)), hit \(number(quality.hit, 3))"
      ),
      ("cells", "\(report.evaluations): \(counters.fallback) fallbacks"),
      (
        "calls", "\(counters.updateCalls) for rules, \(counters.proposeCalls) for cells, \(counters.failedCalls) failed"
      ),
      ("tokens", "\(counters.tokens.read) read, \(counters.tokens.written) written"),
      (
        "rejected",
        "\(counters.unparsable) unparsable, \(counters.outOfNiche) out of niche, \(counters.duplicate) "
          + "duplicate, \(counters.unusable) unusable; \(counters.unusableRules) statements that were no rules"
      ),
      (
        "seconds",
        "load \(number(seconds.load, 3)), fit \(number(seconds.fit, 3)), propose \(number(seconds.propose, 3)), "
          + "evaluate \(number(seconds.evaluate, 3)), indicators \(number(seconds.indicators, 3))"
      ),
      ("partition", "\(report.partition), \(report.niches.count) niches; seed \(report.configuration.seed)"),
      (
        "data",
        report.data.map { "\($0.name) (\($0.origin.rawValue), SHA-256 \(($0.sha256 ?? "not computed").prefix(12)))" }
          .joined(separator: ", ")
      ),
    ] {
      table.append([.text(name), .text(value)])
    }
    return table
  }
}
