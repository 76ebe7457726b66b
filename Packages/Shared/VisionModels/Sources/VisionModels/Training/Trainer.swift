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
    session.write(to: &network)
    defer {
      report.steps = session.step
      (report.seconds, report.imagesPerSecond) = stopwatch.totals
    }
    var wantsStop = false
    while session.step < session.totalSteps, !wantsStop {
      let epoch = session.epoch
      stopwatch.beginEpoch()
      for batch in session.remainingBatches(of: images) {
        let result = try session.train(on: batch, regularizer: regularizer)
        guard let result else {
          lastGood.write(to: &network)
          report.outcome = .diverged(step: session.step + 1, learningRate: session.learningRate)
          return finished(report, session, stopwatch)
        }
        stopwatch.count(batch.labels.count)
        if let onStep, onStep(session.report(result, imagesPerSecond: stopwatch.rate)) == .stop { wantsStop = true }
        if isCancelled() { wantsStop = true }
        if let checkpointInterval, session.step % max(checkpointInterval, 1) == 0, !wantsStop { try save(session) }
        if wantsStop || session.step == session.totalSteps { break }
      }
      guard session.isAtEpochEnd else { break }
      stopwatch.endEpoch()
      if let good = session.snapshotIfFinite() { lastGood = good }
      session.write(to: &network)
      let validation = try validation?(network, epoch)
      let epochReport = session.finishEpoch(epoch, validation: validation, imagesPerSecond: stopwatch.epochRate)
      report.epochs.append(epochReport)
      if let onEpoch, onEpoch(epochReport) == .stop { wantsStop = true }
      if !wantsStop, session.step < session.totalSteps { try save(session) }
    }
    try save(session)
    session.write(to: &network)
    if session.step < session.totalSteps { report.outcome = .stopped }
    return finished(report, session, stopwatch)
  }

  private func finished(
    _ report: TrainingReport, _ session: TrainingSession, _ stopwatch: TrainingStopwatch
  ) -> TrainingReport {
    var report = report
    report.steps = session.step
    (report.seconds, report.imagesPerSecond) = stopwatch.totals
    return report
  }

  private func save(_ session: TrainingSession) throws {
    if let checkpoint { try session.save(to: checkpoint) }
  }
}

/// Times training without validation.
private struct TrainingStopwatch {
  private let clock = ContinuousClock()
  private let start = ContinuousClock().now
  private var epochStart = ContinuousClock().now
  private var images = 0
  private var epochImages = 0
  private var busy = 0.0
  private(set) var epochRate = 0.0

  mutating func beginEpoch() {
    epochStart = clock.now
    epochImages = 0
  }

  mutating func count(_ batch: Int) {
    images += batch
    epochImages += batch
  }

  mutating func endEpoch() {
    let time = VisionModels.seconds(epochStart.duration(to: clock.now))
    epochRate = time > 0 ? Double(epochImages) / time : 0
    busy += time
    epochImages = 0
  }

  /// Images per second so far.
  var rate: Double {
    let time = busy + (epochImages > 0 ? VisionModels.seconds(epochStart.duration(to: clock.now)) : 0)
    return time > 0 ? Double(images) / time : 0
  }

  var totals: (seconds: Double, imagesPerSecond: Double) {
    (VisionModels.seconds(start.duration(to: clock.now)), rate)
  }
}
