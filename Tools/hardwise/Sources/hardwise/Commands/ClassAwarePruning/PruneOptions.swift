import ArgumentParser
import ClassAwarePruning
import Foundation
import ImageDataset
import VisionModels

/// How filters are scored.
struct ScoringOptions: ParsableArguments {
  @Option(help: "Criterion: \(Criteria.names.joined(separator: ", ")).")
  var criterion = "class"

  @Option(help: "Images of each class that are looked at.")
  var imagesPerClass = 10

  @Option(help: ArgumentHelp("Importance threshold: a number τ, or relative:ρ.", valueName: "threshold"))
  var threshold = "1e-50"

  @Option(help: "sumThenMax (the paper's code) or maxThenSum.")
  var aggregation = ScoreOptions.Aggregation.sumThenMax

  @Flag(help: "Use what is there when a class has fewer images.")
  var allowFewer = false

  func scoreOptions() throws -> ScoreOptions {
    let parts = threshold.split(separator: ":", omittingEmptySubsequences: false)
    let parsed: ScoreOptions.Threshold
    switch (parts.count, Double(parts[parts.count - 1])) {
    case (1, let value?): parsed = .absolute(value)
    case (2, let value?) where parts[0] == "relative": parsed = .relative(value)
    default: throw ValidationError("--threshold is '\(threshold)'; give a number, or relative:0.1")
    }
    let options = ScoreOptions(
      imagesPerClass: imagesPerClass, threshold: parsed, aggregation: aggregation, allowFewer: allowFewer)
    try options.validate()
    return options
  }
}

/// Which filters go.
struct RuleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "threshold:T, percentage:p or combined:T,p; T is a fraction of the classes or a ramp start:step:end.",
      valueName: "strategy"))
  var strategy = "combined:0.3,0.1"

  @Option(help: "internal (inside residual blocks) or all (residual streams too).")
  var scope = PruningScope.internal

  @Option(help: "Fraction of its filters that every layer keeps.")
  var minKeep = 0.1

  @Option(help: "How removals are spread: global, uniform or macsNormalised.")
  var allocation = RemovalRule.Allocation.global

  @Option(
    help: ArgumentHelp("Leave only multiples of this many filters, such as the vector lanes.", valueName: "lanes"))
  var roundTo: Int?

  @Flag(help: "Prune the layer that reads the image too.")
  var pruneFirst = false

  @Option(help: ArgumentHelp("Layers whose filters must stay; repeatable.", valueName: "layer"))
  var pin: [String] = []

  func rule() throws -> RemovalRule {
    let rule = RemovalRule(
      strategy: try RemovalStrategy(parsing: strategy), minKeep: minKeep, scope: scope, pruneFirst: pruneFirst,
      allocation: allocation, pins: pin, roundTo: roundTo)
    try rule.validate()
    return rule
  }
}

extension ScoreOptions.Aggregation: ExpressibleByArgument {}
extension PruningScope: ExpressibleByArgument {}
extension RemovalRule.Allocation: ExpressibleByArgument {}

extension Network {
  /// What the weights expect; the images' own statistics where the checkpoint does not say.
  func scaling(for images: LabeledImages) -> Normalization { normalization ?? images.normalization }
}

/// Text for sizes: `269722 parameters, 40551040 MACs, 688 filters`.
func sizes(_ counts: NetworkCounts) -> String {
  "\(counts.parameters) parameters, \(counts.macs) MACs, \(counts.filters) filters"
}

/// Text for a change: `31.9 % fewer`.
func reduction(from before: Int, to after: Int) -> String {
  String(format: "%.1f %% fewer", 100 * (1 - Double(after) / Double(max(before, 1))))
}
