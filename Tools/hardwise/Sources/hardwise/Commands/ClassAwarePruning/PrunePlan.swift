import ArgumentParser
import ClassAwarePruning
import FileKit
import Foundation
import JSONC
import ReproductionKit
import VisionModels

/// `hardwise prune plan`
struct PrunePlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Choose the filters of one round and show what removing them would bring; changes nothing.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption
  @OptionGroup var scoring: ScoringOptions
  @OptionGroup var rule: RuleOptions

  @Option(help: ArgumentHelp("Class scores of `score`, instead of scoring now.", valueName: "file"))
  var scores: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the plan (`apply` reads it).", valueName: "file"))
  var out: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let rule = try rule.rule()
    let network = try network.load()
    let units = try rule.units(of: network)
    let (byLayer, classes) = try scored(network)
    let plan = try rule.plan(
      network, scores: byLayer, units: units,
      limits: PlanLimits(classes: classes, originalWidths: PruningHistory(of: network).originalWidths))
    if let out { try AtomicFile.write(JSON.encode(plan), to: URL(fileURLWithPath: out)) }
    try output.emit(plan, text: try text(plan, network))
  }

  private func scored(_ network: Network) throws -> (scores: [String: [Float]], classes: Int?) {
    if let scores {
      let read = try JSON.read(ClassScores.self, from: URL(fileURLWithPath: scores))
      guard read.fingerprint == network.fingerprint else {
        throw PruneError.staleState("the scores in \(scores)")
      }
      return (read.byLayer, read.classes)
    }
    let criterion = try Criteria.named(scoring.criterion, options: scoring.scoreOptions())
    var set: ScoringSet?
    if criterion.needsImages {
      let images = try data.open(for: network.inputShape).train
      set = try ScoringSet(
        images, normalization: network.scaling(for: images), options: try scoring.scoreOptions())
    }
    let scores = try criterion.scores(network, context: ScoringContext(set: set))
    return (scores, criterion.countsClasses ? set?.classes.count : nil)
  }

  private func text(_ plan: PruningPlan, _ network: Network) throws -> String {
    guard !plan.isEmpty else { return "no filter is left that the rule would remove (\(plan.rule))" }
    let model = try CostModel.standard()
    let smaller = try network.pruned(by: plan)
    let (before, after) = (model.estimate(network).seconds, model.estimate(smaller).seconds)
    var table = Table(
      title: plan.rule,
      columns: [.text("layer"), .number("filters", decimals: 0), .number("kept", decimals: 0)])
    for node in network.nodes {
      guard let width = plan.widths[node.name] else { continue }
      table.append([.text(node.name), .integer(width[0]), .integer(width[1])])
    }
    var lines = [
      table.plainText(width: Terminal.width),
      "now      \(sizes(plan.before))",
      "planned  \(sizes(plan.after))",
      "         \(reduction(from: plan.before.parameters, to: plan.after.parameters)) parameters, "
        + "\(reduction(from: plan.before.macs, to: plan.after.macs)) MACs, predicted "
        + String(format: "%.3f ms instead of %.3f ms (batch 1, one core of the cost model)", 1e3 * after, 1e3 * before),
    ]
    if let out { lines.append("plan: \(out)") }
    return lines.joined(separator: "\n")
  }
}
