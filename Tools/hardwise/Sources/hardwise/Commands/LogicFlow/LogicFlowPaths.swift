import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify
import ReproductionKit

/// `hardwise logicflow paths`
struct LogicFlowPaths: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths",
    abstract: "The paths that training rows take through the network, and which are proved constant.")

  @Argument(help: ArgumentHelp("The network.", valueName: "net.json"))
  var network: String

  @OptionGroup var rows: LogicFlowRows

  @Option(help: "Most visited paths to decide.")
  var limit = 20

  @Option(help: "Search nodes per path.")
  var budget = 200

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try NetworkFile.read(URL(fileURLWithPath: network))
    let samples = try rows.split().train
    try requireWidth(samples, network, rows.rows)
    let tree = PathTree(network, features: samples.features)
    let leaves = try LeafVerdicts(tree, limit: limit, budget: budget)
    let lines = leaves.verdicts.enumerated().map { index, verdict in
      let path = tree.paths[index]
      return Row(
        signs: path.pattern.literals(network).map { $0.positive ? "+" : "-" }.joined(), visits: path.visits,
        classes: path.outcomes, verdict: path.outcomes.count > 1 ? "several classes" : verdict.name)
    }
    var table = Table(
      title: "\(tree.paths.count) paths of \(tree.samples) rows; at least "
        + String(format: "%.1f %%", 100 * leaves.constantShare) + " of the rows in constant leaves",
      columns: [.text("signs"), .number("visits"), .text("class"), .text("verdict")])
    for line in lines {
      table.append([
        .text(line.signs), .integer(line.visits), .text(line.classes.map(String.init).joined(separator: ",")),
        .text(line.verdict),
      ])
    }
    try output.emit(lines, text: table.plainText(width: Terminal.width))
  }

  private struct Row: Encodable {
    let signs: String
    let visits: Int
    let classes: [Int]
    let verdict: String
  }
}
