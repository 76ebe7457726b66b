import ReproductionKit

/// Tables of one search.
public enum SearchTables {
  /// The found front, by estimate and as trained.
  public static func front(_ report: SearchReport, _ task: SearchTask) -> Table {
    var table = Table(
      title: "Front on \(report.task), proposer \(report.proposer.text)",
      columns: [
        .text("cell"), .number("cost", unit: task.costUnit, decimals: 3), .number("estimate", unit: "%", decimals: 2),
        .number("trained", unit: "%", decimals: 2), .text("architecture"),
      ])
    for point in report.front {
      table.append([
        .text(point.cell.word), .number(point.cost), .number(point.accuracy),
        .number(task.accuracies[point.cell.code]), .text(point.cell.archString),
      ])
    }
    return table
  }

  /// Rules with their evidence: effects on the niche's evaluated cells, with the conditions minus without.
  public static func rules(_ report: SearchReport, onlyConfirmed: Bool = true) -> Table {
    var table = Table(
      title: "Rules of \(report.task), proposer \(report.proposer.text)",
      columns: [
        .text("id"), .text("niche"), .text("rule"), .text("source"), .text("status"), .number("support"),
        .number("Δ accuracy", unit: "points", decimals: 2), .number("Δ ln latency", decimals: 3),
        .number("p", decimals: 3),
      ])
    for rule in report.rules.joined() where !onlyConfirmed || rule.status == .active {
      table.append(
        [
          .text(rule.id), .text(report.niches[rule.niche]), .text(rule.text), .text(rule.source),
          .text(rule.status.rawValue),
        ] + evidence(rule.evidence))
    }
    return table
  }

  private static func evidence(_ found: RuleEvidence?) -> [TableCell] {
    guard let found else { return [.missing, .missing, .missing, .missing] }
    return [.integer(found.support), .number(found.deltaAccuracy), .number(found.deltaLatency), .number(found.p)]
  }
}
