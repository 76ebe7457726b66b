import ArgumentParser
import ClassAwarePruning
import ImageDataset
import ReproductionKit
import VisionModels

/// `hardwise prune compare`
struct PruneCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Remove the same fraction of filters by several criteria, without retraining, and evaluate.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption

  @Option(help: ArgumentHelp("Criteria, separated by commas.", valueName: "names"))
  var criteria = "class,l1,taylor,random"

  @Option(help: ArgumentHelp("Fractions of the filters to remove, separated by commas.", valueName: "fractions"))
  var fractions = "0.05,0.1,0.2,0.3"

  @Option(help: "Images to evaluate, taken from the training split.")
  var images = 2_000

  @Option(help: "internal (inside residual blocks) or all (residual streams too).")
  var scope = PruningScope.internal

  @OptionGroup var output: OutputOptions

  func run() throws {
    let names = criteria.split(separator: ",").map(String.init)
    let shares = try fractions.split(separator: ",").map { text in
      guard let value = Double(text), value > 0, value < 1 else {
        throw ValidationError("--fractions has '\(text)'; give numbers between 0 and 1, such as 0.1,0.2")
      }
      return value
    }
    let chosen = try names.map { name in try Criteria.named(name) }
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    guard images > 0, images < splits.train.count else {
      throw ValidationError("--images is \(images); \(splits.name) has \(splits.train.count) training images")
    }
    let (held, rest) = splits.train.stratified(count: images, seed: 0)
    let scaling = network.scaling(for: rest)
    let set = try ScoringSet(rest, normalization: scaling, options: ScoreOptions())
    let units = try ChannelUnits(network)
    var rows: [Row] = []
    for criterion in chosen {
      let scores = try criterion.scores(network, context: ScoringContext(set: set))
      for share in shares {
        let plan = try RemovalRule(strategy: .percentage(share), scope: scope)
          .plan(network, scores: scores, units: units)
        let smaller = try network.pruned(by: plan, units: units)
        let evaluation = try InferenceEngine(smaller).evaluate(held, normalization: scaling)
        rows.append(
          Row(
            criterion: criterion.name, fraction: share, accuracy: evaluation.accuracy, counts: NetworkCounts(smaller)))
      }
    }
    var table = Table(
      title: "One shot, no retraining, \(held.count) held-out training images",
      columns: [
        .text("criterion"), .number("removed", unit: "%", decimals: 0), .number("accuracy", unit: "%", decimals: 2),
        .number("parameters", decimals: 0), .number("MACs", decimals: 0),
      ])
    for row in rows {
      table.append([
        .text(row.criterion), .number(100 * row.fraction), .number(100 * row.accuracy),
        .integer(row.counts.parameters), .integer(row.counts.macs),
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private struct Row: Encodable {
    let criterion: String
    let fraction, accuracy: Double
    let counts: NetworkCounts
  }
}
