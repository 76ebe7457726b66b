import ArgumentParser
import ClassAwarePruning
import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// `hardwise prune run`
struct PruneRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Prune a checkpoint round by round: prepare, score, remove, rebuild, retrain.",
    discussion: """
      Decisions look at a validation split held out of the training images, never at the test images. Ctrl-C keeps the \
      state; --resume goes on bit-identically.
      """)

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption
  @OptionGroup var scoring: ScoringOptions
  @OptionGroup var rule: RuleOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The smaller network.", valueName: "file"))
  var out = "pruned.safetensors"

  @Option(help: "At most so many rounds.")
  var rounds: Int?

  @Option(help: ArgumentHelp("Stop when this fraction of the MACs is gone, such as 0.3.", valueName: "fraction"))
  var targetMacsReduction: Double?

  @Option(
    help: ArgumentHelp("Validation accuracy that may be lost before a round is rolled back.", valueName: "fraction"))
  var maxLoss = 0.02

  @Option(help: ArgumentHelp("Images of preparing training with the modified cost.", valueName: "count"))
  var prepare = 0

  @Option(help: ArgumentHelp("Images of retraining after each round.", valueName: "count"))
  var retrain = 25_000

  @Option(name: .customLong("final"), help: ArgumentHelp("Images of the last retraining.", valueName: "count"))
  var finalImages = 0

  @Option(help: "Weight λ1 of the absolute values in the preparing cost.")
  var l1: Float = 1e-4

  @Option(help: "Weight λ2 of the orthogonality in the preparing cost.")
  var orthogonality: Float = 1e-2

  @Option(help: ArgumentHelp("A class's accuracy floor, such as cat=0.9; repeatable.", valueName: "class=accuracy"))
  var floor: [String] = []

  @Option(help: "Validation images held out of the training split.")
  var validation = 5_000

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Flag(help: "Continue an interrupted run.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let configuration = try configuration()
    try configuration.validate()
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    guard validation > 0, validation < splits.train.count else {
      throw ValidationError("--validation is \(validation); \(splits.name) has \(splits.train.count) training images")
    }
    let (held, train) = splits.train.stratified(count: validation, seed: seed)
    let scaling = network.scaling(for: train)
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    let file = URL(fileURLWithPath: out)
    var pruner = try Pruner(configuration, train: train, validation: held, normalization: scaling)
    pruner.stateFolder = file.deletingPathExtension().appendingPathExtension("state")
    pruner.isCancelled = { handler.flag.isRaised }
    pruner.onProgress = { phase, fraction in progress.phase(phase).report(fraction) }
    pruner.onRound = { round, _ in
      progress.message(Self.line(round))
      return .continue
    }
    let (smaller, report) = try pruner.run(network, resume: resume)
    sink.finish()
    if handler.flag.isRaised { throw Interrupted() }
    try PrunedCheckpoint.write(smaller, proof: held.prefix(16), normalization: scaling, to: file)
    let test = try EvaluationReport(evaluating: smaller, on: splits.test, normalization: scaling)
    try output.emit(
      Outcome(file: out, report: report, test: test),
      text: """
        \(out): \(sizes(report.after))
        \(reduction(from: report.before.parameters, to: report.after.parameters)) parameters, \
        \(reduction(from: report.before.macs, to: report.after.macs)) MACs
        \(String(format: "test accuracy %.2f %% on %d images", 100 * test.accuracy, test.images))
        stopped because \(report.stop)
        """)
  }

  private func configuration() throws -> PruneConfiguration {
    PruneConfiguration(
      criterion: scoring.criterion, score: try scoring.scoreOptions(), rule: try rule.rule(),
      cost: TrainingCost(l1: l1, orthogonality: orthogonality), initialImages: prepare, retrainImages: retrain,
      finalImages: finalImages, maximumRounds: rounds, targetMacsReduction: targetMacsReduction,
      maximumAccuracyLoss: maxLoss,
      contract: floor.isEmpty ? nil : try ClassContract(parsing: floor), seed: seed)
  }

  private static func line(_ round: PruneRound) -> String {
    String(
      format: "round %d: %d filters removed, %@; validation %.2f %% (%.2f %% before retraining)%@", round.index + 1,
      round.removed, sizes(round.counts), 100 * round.validation.accuracy, 100 * round.accuracyBeforeRetraining,
      round.isRolledBack ? ", rolled back" : "")
  }

  private struct Outcome: Encodable {
    let file: String
    let report: PruneReport
    let test: EvaluationReport
  }
}
