import ArgumentParser
import PELNAS
import ReproductionKit

/// `hardwise pelnas kb`
struct NASRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kb", abstract: "The rule base of a search.", subcommands: [Show.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the rules of a search with their evidence.")

    @Argument(help: "The folder or report.json of `pelnas search --out`.")
    var search: String

    @Flag(help: "Also rules that are undecided or refuted.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      let report = try NASFiles.read(search)
      let rules = report.rules.flatMap { $0 }.filter { all || $0.status == .active }
      var table = Table(
        title: "Rules of \(report.task), proposer \(report.proposer.text)",
        columns: [
          .text("id"), .text("niche"), .text("rule"), .text("source"), .text("status"), .number("support"),
          .number("Δ accuracy", unit: "points", decimals: 2), .number("Δ ln latency", decimals: 3),
          .number("p", decimals: 3),
        ])
      for rule in rules {
        table.append([
          .text(rule.id), .text(report.niches[rule.niche]), .text(rule.text), .text(rule.source),
          .text(rule.status.rawValue),
          rule.evidence.map { .integer($0.support) } ?? nil, rule.evidence.map { .number($0.deltaAccuracy) } ?? nil,
          rule.evidence.map { .number($0.deltaLatency) } ?? nil, rule.evidence.map { .number($0.p) } ?? nil,
        ])
      }
      try output.emit(rules, text: table.plainText(width: Terminal.width))
    }
  }
}
