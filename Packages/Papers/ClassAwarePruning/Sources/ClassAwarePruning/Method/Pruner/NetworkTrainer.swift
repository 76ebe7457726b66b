import Foundation
import ImageDataset
import TinyNN
import VisionModels

/// Trains a network for a number of images, with or without the modified cost.
public struct NetworkTrainer {
  /// Training images.
  public let images: LabeledImages
  /// Scaling the network expects.
  public let normalization: Normalization
  /// Optimiser and augmentation.
  public let options: RetrainingOptions
  /// Seed of shuffling and augmentation.
  public let seed: UInt64
  /// Asked after each step.
  public var isCancelled: () -> Bool = { false }
  /// Called with done and total steps and the loss.
  public var onStep: ((StepReport) -> Void)?

  /// Creates a trainer.
  public init(
    _ images: LabeledImages, normalization: Normalization, options: RetrainingOptions = RetrainingOptions(),
    seed: UInt64 = 0
  ) {
    self.images = images
    self.normalization = normalization
    self.options = options
    self.seed = seed
  }

  /// What a phase of training came to.
  public struct Outcome: Sendable {
    /// How the trainer ended.
    public let outcome: TrainingReport.Outcome
    /// Steps done.
    public let steps: Int
    /// Images per second.
    public let imagesPerSecond: Double
  }

  /// Trains in place on `count` images; 0 does nothing.
  /// - Parameters:
  ///   - phase: number of the phase; each has its own order of images.
  ///   - cost: regularisers added to the cross-entropy.
  ///   - target: ends early when `accuracy` reaches it, looked at once per epoch.
  ///   - checkpoint: file of the train state; an existing one is continued.
  /// - Throws: what the trainer throws.
  public func train(
    _ network: inout Network, count: Int, phase: UInt64, cost: TrainingCost = .none,
    target: (accuracy: Double, measure: (Network) throws -> Double)? = nil, checkpoint: URL? = nil
  ) throws -> Outcome? {
    guard count > 0 else { return nil }
    var trainer = Trainer(configuration(count: count, phase: phase))
    var step = 0
    if !cost.isPlain {
      trainer.regularizer = { parameters in
        defer { step += 1 }
        return cost.variable(parameters, step: step)
      }
    }
    trainer.isCancelled = isCancelled
    trainer.onStep = { report in
      step = report.step
      onStep?(report)
      return .continue
    }
    if let target {
      trainer.validation = { network, _ in try target.measure(network) }
      trainer.onEpoch = { report in (report.validation ?? 0) >= target.accuracy ? .stop : .continue }
    }
    trainer.checkpoint = checkpoint
    trainer.checkpointInterval = checkpoint == nil ? nil : 50
    let report = try trainer.fit(&network, on: images, resume: checkpoint != nil)
    if let checkpoint, report.outcome != .stopped || !isCancelled() {
      try? FileManager.default.removeItem(at: checkpoint)
    }
    return Outcome(outcome: report.outcome, steps: report.steps, imagesPerSecond: report.imagesPerSecond)
  }

  private func configuration(count: Int, phase: UInt64) -> TrainingConfiguration {
    let batch = min(options.batchSize, max(1, images.count))
    let steps = max(1, (count + batch - 1) / batch)
    let perEpoch = max(1, (images.count + batch - 1) / batch)
    return TrainingConfiguration(
      epochs: (Double(steps) - 0.5) / Double(perEpoch), batchSize: batch,
      schedule: Schedule(peak: options.learningRate, shape: .cosine(warmup: 0, end: 0)),
      groups: [
        OptimizerGroup(.sgd(momentum: options.momentum, nesterov: false, weightDecay: options.weightDecay))
      ],
      normalization: normalization, augmentation: options.augmentation, seed: seed &* 1_000_003 &+ phase)
  }
}
