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
      let rules = report.rules.joined().filter { all || $0.status == .active }
      try output.emit(
        rules, text: SearchTables.rules(report, onlyConfirmed: !all).plainText(width: Terminal.width))
    }
  }
}
