import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// One pruning run of the comparison, with the test accuracy after every round.
///
/// The test split is only looked at for these figures; all decisions of the ``Pruner`` use the validation split.
struct IterativeRun: Codable {
  /// A network on the way.
  struct Point: Codable {
    /// Round; −1 is the start, `rounds` the end after the final training.
    var round: Int
    var parameters: Int
    var macs: Int
    /// Test accuracy, percent.
    var accuracy: Double
    /// Test accuracy per class, percent.
    var perClass: [Double]
    /// Median latency at batch 1 on one thread, milliseconds.
    var milliseconds: Double
  }

  var criterion: String
  var seed: UInt64
  var points: [Point]
  var report: PruneReport
  /// File of the final network, in the run's artefacts.
  var file: String

  /// The last point.
  var end: Point { points[points.count - 1] }
  /// The points right after a round's retraining and the start: the front to be compared.
  var front: [Point] { points.filter { $0.round < report.rounds.count } }
}

/// Runs and caches iterative pruning for the experiment.
struct IterativeRunner {
  let context: RunContext
  let subject: Subject
  let workload: Workload

  /// The unpruned network after training with a cost; no images means as it is.
  func prepared(_ cost: TrainingCost, name: String, progress: ProgressReporter) throws -> Network {
    guard workload.preparation > 0 else { return subject.network }
    return try trained(
      subject.network, images: workload.preparation * workload.unit, cost: cost, name: "prepared-\(name)", phase: 900,
      options: subject.training, progress: progress)
  }

  /// A network trained for a number of images, kept as an artefact.
  func trained(
    _ network: Network, images: Int, cost: TrainingCost = .none, name: String, phase: UInt64,
    options: RetrainingOptions, progress: ProgressReporter
  ) throws -> Network {
    let checkpoint = context.output.checkpoints.appendingPathComponent("\(name).train.safetensors")
    let url = try context.fileStep("\(name).safetensors") { url in
      var result = network
      var trainer = NetworkTrainer(
        subject.train, normalization: subject.normalization, options: options, seed: context.seed)
      trainer.isCancelled = { context.isCancelled }
      trainer.onStep = { progress.report($0.step, of: $0.totalSteps, name) }
      _ = try trainer.train(&result, count: images, phase: phase, cost: cost, checkpoint: checkpoint)
      try context.checkCancellation()
      try result.save(to: url)
    }
    return try Network(loading: url)
  }

  /// The standard configuration of a criterion's run.
  func configuration(_ criterion: String, seed: UInt64) -> PruneConfiguration {
    let fraction = 0.1
    let strategy: RemovalStrategy =
      criterion == "class" && context.scale == .quick && subject.isReference
      ? .combined(.ramp(start: 0.5, step: 0.1, end: 0.7), fraction) : .percentage(fraction)
    return PruneConfiguration(
      criterion: criterion,
      // All criteria take the same share, so that only the order of the filters differs.
      rule: RemovalRule(strategy: strategy),
      training: subject.training, retrainImages: workload.perRound * workload.unit,
      finalImages: workload.final * workload.unit, maximumRounds: workload.rounds, maximumAccuracyLoss: nil,
      seed: seed)
  }

  /// Prunes and saves; a resumed experiment replays finished runs and continues an interrupted one.
  func run(
    _ name: String, from network: Network, configuration: PruneConfiguration, progress: ProgressReporter
  ) throws -> IterativeRun {
    try context.step("run-\(name)") {
      var pruner = try Pruner(
        configuration, train: subject.train, validation: subject.validation, normalization: subject.normalization)
      pruner.isCancelled = { context.isCancelled }
      pruner.stateFolder = context.output.checkpoints.appendingPathComponent("pruner-\(name)")
      pruner.onProgress = { phase, fraction in progress.report(fraction, "\(name): \(phase)") }
      var failure: (any Error)?
      pruner.onRound = { round, network in
        do {
          _ = try saved(name, round: round.index) { network }
        } catch {
          failure = error
        }
        return failure == nil ? .continue : .stop
      }
      let start = try point(network, round: -1)
      let (result, report) = try pruner.run(network, resume: true)
      if let failure { throw failure }
      try context.checkCancellation()
      // Rounds of an earlier, interrupted process are replayed.
      let between = try report.rounds.map { round in try saved(name, round: round.index) { throw Interrupted() } }
      let end = try point(result, round: report.rounds.count)
      let file = "pruned-\(name).safetensors"
      try PrunedCheckpoint.write(
        result, proof: subject.test.prefix(16), normalization: subject.normalization, to: try context.file(file))
      return IterativeRun(
        criterion: configuration.criterion, seed: configuration.seed, points: [start] + between + [end],
        report: report, file: file)
    }
  }

  /// The test figures after a round, kept as a step of their own.
  private func saved(_ name: String, round: Int, _ network: () throws -> Network) throws -> IterativeRun.Point {
    try context.step("run-\(name)-round-\(round)") { try point(network(), round: round) }
  }

  func point(_ network: Network, round: Int) throws -> IterativeRun.Point {
    let evaluation = try InferenceEngine(network).evaluate(subject.test, normalization: subject.normalization)
    let counts = NetworkCounts(network)
    let latency = try LatencyMeter(rounds: 15, batches: [1], threads: [1]).compare([("network", network)])
    return IterativeRun.Point(
      round: round, parameters: counts.parameters, macs: counts.macs, accuracy: evaluation.accuracy * 100,
      perClass: evaluation.perClass.map { $0 * 100 }, milliseconds: latency[0].medianMilliseconds)
  }
}
