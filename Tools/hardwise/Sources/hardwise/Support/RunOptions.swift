import ArgumentParser
import FileKit
import Foundation
import ReproductionKit

/// Options of everything that makes a report.
struct RunOptions: ParsableArguments {
  @Option(help: "How much work: quick (minutes) or full (up to an hour).")
  var scale = Scale.quick

  @Option(help: "Seed of every random stream.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Folder for the reports.", valueName: "folder"))
  var out = "runs"

  @Flag(help: "Go on with the newest unfinished run of the same kind.")
  var resume = false

  @Option(name: [.customShort("o"), .customLong("option")], help: "Option of the experiment, KEY=VALUE; repeatable.")
  var options: [String] = []

  @Option(
    name: .customLong("update-results"), help: ArgumentHelp("Write the claims into this document.", valueName: "file"))
  var results: String?

  /// Writes a report's claims into the results document, if one was named.
  func updateResults(with report: Report) throws {
    guard let results else { return }
    let url = URL(fileURLWithPath: results)
    var document = ResultsDocument()
    if FileManager.default.fileExists(atPath: results) {
      document = try ResultsDocument(text: try String(contentsOf: url, encoding: .utf8), path: results)
    }
    document.update(with: report)
    try AtomicFile.write(document.text, to: url)
  }

  /// A runner with these options; progress goes to standard error, Ctrl-C stops at a safe point.
  func runner() throws -> ExperimentRunner {
    var parsed: [String: String] = [:]
    for option in options {
      guard let equals = option.firstIndex(of: "="), equals != option.startIndex else {
        throw ValidationError("'\(option)' is not of the form KEY=VALUE")
      }
      parsed[String(option[..<equals])] = String(option[option.index(after: equals)...])
    }
    return ExperimentRunner(
      scale: scale, seed: seed, options: parsed, runs: URL(fileURLWithPath: out, isDirectory: true), resume: resume,
      sink: TerminalProgressSink(), handlesSignals: true)
  }
}

extension Scale: ExpressibleByArgument {}
