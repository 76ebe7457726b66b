import FileKit
import Foundation
import JSONC

/// Writes and reads reports.
public enum ReportWriter {
  /// Writes `report.json`, `report.md`, `index.html` and `charts/*.svg` into a run's folder.
  ///
  /// - Throws: `FileError` when a file cannot be written, `JSONError` when the report does not encode.
  public static func write(_ report: Report, to folder: RunFolder) throws {
    let names = chartFileNames(report)
    for (chart, name) in zip(report.charts, names) {
      try AtomicFile.write(Data(chart.svg().utf8), to: folder.url.appendingPathComponent("charts/\(name)"))
    }
    let json = try JSON.encode(report, style: .pretty)
    try AtomicFile.write(
      Data(MarkdownReport(report, chartPaths: names.map { "charts/\($0)" }).text.utf8), to: folder.reportMarkdown)
    try AtomicFile.write(Data(HTMLReport(report).text.utf8), to: folder.reportHTML)
    // Last, so that whoever finds it finds the rest.
    try AtomicFile.write(json, to: folder.reportJSON)
  }

  /// Reads a `report.json`.
  ///
  /// - Throws: ``RunError/unreadable(path:reason:)``.
  public static func read(_ url: URL) throws(RunError) -> Report {
    do {
      let report = try JSON.read(Report.self, from: url)
      guard report.schemaVersion == Report.currentSchemaVersion else {
        throw RunError.unreadable(
          path: url.path,
          reason: "schemaVersion is \(report.schemaVersion), this program reads \(Report.currentSchemaVersion)")
      }
      return report
    } catch let error as RunError {
      throw error
    } catch {
      throw .unreadable(path: url.path, reason: oneLine(error))
    }
  }

  /// One distinct file name per chart, from its name.
  static func chartFileNames(_ report: Report) -> [String] {
    var used: Set<String> = []
    return report.charts.enumerated().map { index, chart in
      let name = used.insert(chart.name).inserted ? chart.name : "\(chart.name)-\(index + 1)"
      return FileName.encoded(name) + ".svg"
    }
  }
}
