import ArgumentParser
import Foundation
import LogicFlow

/// `hardwise logicflow explain`
struct LogicFlowExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Which test fired for a test row, in the units of the features.")

  @Argument(help: ArgumentHelp("The flows.", valueName: "flow.json"))
  var file: String

  @OptionGroup var rows: LogicFlowRows

  @Option(help: "Index of the test row.")
  var row = 0

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try FlowFile(reading: URL(fileURLWithPath: file))
    let samples = try rows.split().test
    try requireWidth(samples, file.network, rows.rows)
    guard (0..<samples.count).contains(row) else {
      throw ValidationError("--row \(row): there are \(samples.count) test rows")
    }
    let explanation = Explainer(file).explain(samples[row])
    try output.emit(
      explanation, text: "class \(explanation.outcome) (label \(samples.labels[row])): \(explanation.sentence)")
  }
}
