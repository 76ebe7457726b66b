import Foundation
import ImageDataset
import TinyNN
import TinyTensor

/// Trains a network on labelled images: deterministic for any thread count, resumable bit for bit, stoppable at any step.
///
/// ```swift
/// var trainer = Trainer(configuration)
/// trainer.onStep = { print($0.step, $0.loss); return .continue }
/// let report = try trainer.fit(&network, on: splits.train)
/// ```
public struct Trainer {
  /// What the run does.
  public var configuration: TrainingConfiguration
  /// A term added to every step's loss (L1, orthogonality, distillation, …); nil adds nothing.
  public var regularizer: ((ParameterSet) throws -> Variable?)?
  /// Called after each step; return `.stop` to end the run.
  public var onStep: ((StepReport) -> TrainingControl)?
  /// Called after each epoch with a snapshot; its value appears in the epoch's report.
  public var validation: ((_ network: Network, _ epoch: Int) throws -> Double?)?
  /// Called after each epoch's validation; return `.stop` to end the run.
  public var onEpoch: ((EpochReport) -> TrainingControl)?
  /// Asked after each step: when true, the checkpoint is written and the run ends as stopped.
  public var isCancelled: () -> Bool = { false }
  /// File of the train state, `<name>.train.safetensors`; nil keeps none.
  public var checkpoint: URL?
  /// Steps between checkpoints besides those at epoch ends.
  public var checkpointInterval: Int?

  /// Creates a trainer.
  public init(_ configuration: TrainingConfiguration) {
    self.configuration = configuration
  }

  /// Trains `network` in place.
  /// - Parameters:
  ///   - network: starts from its tensors; holds the result, or the last good state, afterwards.
  ///   - images: the training split.
  ///   - resume: continue from ``checkpoint`` if that file exists; the result is bit-identical to an uninterrupted run.
  /// - Throws: ``NetworkError`` for impossible settings or data, a stale checkpoint, or a failing write; and what the
  ///   callbacks throw.
  public func fit(_ network: inout Network, on images: LabeledImages, resume: Bool = false) throws -> TrainingReport {
    try configuration.validate(images: images.count, classes: network.classes)
    try images.check(fits: network.inputShape, classes: network.classes)
    let session = try TrainingSession(network, configuration, images: images)
    if resume, let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) {
      try session.restore(from: checkpoint)
    }
    return try run(session, &network, images)
  }

  private func run(
    _ session: TrainingSession, _ network: inout Network, _ images: LabeledImages
  ) throws -> TrainingReport {
    var report = TrainingReport(outcome: .finished, steps: session.step, epochs: [], seconds: 0, imagesPerSecond: 0)
    var stopwatch = TrainingStopwatch()
    var lastGood = session.snapshot()
    var wantsStop = false
    while session.step < session.totalSteps, !wantsStop {
      let epoch = session.epoch
      stopwatch.beginEpoch()
      let end = try train(session, images, &stopwatch)
      stopwatch.endEpoch()
      if end == .diverged {
        report.outcome = .diverged(step: session.step + 1, learningRate: session.learningRate)
        break
      }
      wantsStop = end == .stopped
      guard session.isAtEpochEnd else { break }
      if let good = session.snapshotIfFinite() { lastGood = good }
      session.write(to: &network)
      let epochReport = session.finishEpoch(
        epoch, validation: try validation?(network, epoch), imagesPerSecond: stopwatch.epochRate)
      report.epochs.append(epochReport)
      if let onEpoch, onEpoch(epochReport) == .stop { wantsStop = true }
      try save(session)
    }
    if case .diverged = report.outcome {
      lastGood.write(to: &network)
    } else {
      session.write(to: &network)
      if !session.isAtEpochEnd { try save(session) }
      if session.step < session.totalSteps { report.outcome = .stopped }
    }
    report.steps = session.step
    (report.seconds, report.imagesPerSecond) = stopwatch.totals
    return report
  }

  /// How the steps of an epoch ended.
  private enum EpochEnd {
    case completed, stopped, diverged
  }

  /// The remaining steps of the current epoch.
  private func train(
    _ session: TrainingSession, _ images: LabeledImages, _ stopwatch: inout TrainingStopwatch
  ) throws -> EpochEnd {
    for batch in session.remainingBatches(of: images) {
      guard let result = try session.train(on: batch, regularizer: regularizer) else { return .diverged }
      stopwatch.count(batch.labels.count)
      if let onStep, onStep(session.report(result, imagesPerSecond: stopwatch.rate)) == .stop { return .stopped }
      if isCancelled() { return .stopped }
      if let checkpointInterval, session.step % max(checkpointInterval, 1) == 0 { try save(session) }
      if session.step == session.totalSteps { break }
    }
    return .completed
  }

  private func save(_ session: TrainingSession) throws {
    if let checkpoint { try session.save(to: checkpoint) }
  }
}
