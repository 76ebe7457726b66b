import FileKit
import Foundation
import JSONC
import PELNAS
import ReproductionKit

/// What searches print.
enum NASText {
  static func report(_ report: SearchReport, _ task: SearchTask) -> String {
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
    let counters = report.counters
    return table.plainText(width: Terminal.width) + "\n" + quality(report.quality)
      + "\n\(report.evaluations) cells by \(report.estimator) (\(report.labelCost) trained labels); costs \(report.costEvidence.rawValue); "
      + "\(counters.updateCalls + counters.proposeCalls) calls, \(counters.tokens.read)/\(counters.tokens.written) tokens; rejected: "
      + "\(counters.unparsable) unparsable, \(counters.outOfNiche) out of niche, \(counters.duplicate) duplicate, "
      + "\(counters.unusable) unusable; \(counters.fallback) fallbacks"
  }

  static func quality(_ quality: FrontQuality) -> String {
    func text(_ value: Double) -> String { String(format: "%.4f", value) }
    return
      "hvFull \(text(quality.hvFull)), hvFront \(text(quality.hvFront)), IGD full \(text(quality.igdFull)), IGD front "
      + "\(text(quality.igdFront)), IGD+ front \(text(quality.igdPlusFront)), hit \(text(quality.hit))"
  }

  static func front(_ points: [ScoredCell], title: String, unit: String) -> String {
    var table = Table(
      title: title,
      columns: [
        .text("cell"), .number("cost", unit: unit, decimals: 3), .number("accuracy", unit: "%", decimals: 2),
        .text("architecture"),
      ])
    for point in points {
      table.append([
        .text(point.cell.word), .number(point.cost), .number(point.accuracy), .text(point.cell.archString),
      ])
    }
    return table.plainText(width: Terminal.width)
  }
}

/// What searches write.
enum NASFiles {
  /// `report.json`, the charts, and drawings of the front's ends.
  static func write(_ report: SearchReport, _ task: SearchTask, to folder: URL) throws {
    try AtomicFile.write(JSON.encode(report, style: .pretty), to: folder.appending(path: "report.json"))
    for chart in [
      SearchCharts.front(report, task), SearchCharts.coverage(report, task), SearchCharts.operations(report),
    ] {
      try AtomicFile.write(chart.svg(), to: folder.appending(path: "\(chart.name).svg"))
    }
    for cell in Set([report.front.first, report.front.last].compactMap { $0?.cell }) {
      try AtomicFile.write(CellDrawing.svg(cell), to: folder.appending(path: "cell-\(cell.word).svg"))
    }
  }

  /// The report of a folder or file.
  static func read(_ path: String) throws -> SearchReport {
    var url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      url.append(path: "report.json")
    }
    do {
      return try JSON.read(SearchReport.self, from: url)
    } catch {
      throw PELNASError.badFile(path: url.path, problem: "no report of `hardwise pelnas search` (\(error))")
    }
  }
}
