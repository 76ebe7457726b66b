import ArgumentParser
import ClassAwarePruning
import Foundation
import ReproductionKit
import VisionModels

/// `hardwise prune drop`
struct PruneDrop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Keep only the classes a device needs, and prune what served the others.",
    discussion: "Shrinks the head exactly, then removes filters that matter for none of the kept classes' images.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption

  @Option(help: ArgumentHelp("Classes to keep, separated by commas: names or numbers.", valueName: "classes"))
  var keep: String

  @Option(
    help: ArgumentHelp("Remove filters whose score over the kept classes is below this share.", valueName: "share"))
  var below = 0.1

  @Option(name: .shortAndLong, help: ArgumentHelp("The smaller network.", valueName: "file"))
  var out: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    let names = splits.train.classes
    let kept = try keep.split(separator: ",").map { text in
      if let label = names.firstIndex(of: String(text)) ?? Int(text), names.indices.contains(label) { return label }
      throw ValidationError("--keep has '\(text)'; the classes are \(names.joined(separator: ", "))")
    }.sorted()
    let scaling = network.scaling(for: splits.train)
    let scores = try ClassScorer().scores(network, data: splits.train, normalization: scaling)
    let smallHead = try network.keepingClasses(kept, names: names)
    let units = try ChannelUnits(smallHead)
    let plan = try RemovalRule(strategy: .threshold(.constant(below))).plan(
      smallHead, scores: scores.restricted(to: kept), units: units, limits: PlanLimits(classes: kept.count))
    let smaller = try smallHead.pruned(by: plan, units: units)
    let test = try splits.test.keepingClasses(kept)
    let before = try InferenceEngine(smallHead).evaluate(test, normalization: scaling)
    let after = try InferenceEngine(smaller).evaluate(test, normalization: scaling)
    try PrunedCheckpoint.write(
      smaller, proof: test.prefix(16), normalization: scaling, to: URL(fileURLWithPath: out))
    let outcome = Outcome(
      classes: kept.map { names[$0] }, counts: NetworkCounts(smaller), accuracyOfSmallHead: before.accuracy,
      accuracy: after.accuracy)
    try output.emit(
      outcome,
      text: """
        \(out): \(sizes(outcome.counts))
        classes \(outcome.classes.joined(separator: ", "))
        \(String(
          format: "test accuracy among them %.2f %% (%.2f %% before removing filters), no retraining",
          100 * after.accuracy, 100 * before.accuracy))
        """)
  }

  private struct Outcome: Encodable {
    let classes: [String]
    let counts: NetworkCounts
    let accuracyOfSmallHead, accuracy: Double
  }
}
