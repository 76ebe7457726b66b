import Foundation
import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

/// Fine-tunes a basis and its coefficients inside the network they stand for (section 2.5, steps 4–6).
///
/// The network itself stays an ordinary graph: each step rounds coefficients and basis, multiplies them to kernels, runs the
/// graph forward and backward with these kernels as leaves, and carries the kernels' gradients on through the product and
/// the straight-through rounding.
public struct BasisNTrainer {
  /// The recipe.
  public let plan: TrainingPlan
  /// The float network whose answers are imitated.
  public let teacher: InferenceEngine?
  /// Training images.
  public let images: LabeledImages
  /// Scaling the network expects.
  public let normalization: Normalization
  /// Asked after every step.
  public var isCancelled: () -> Bool = { false }
  /// Called after every step.
  public var onStep: ((Step) -> Void)?
  /// File of the train state; written every ``checkpointInterval`` steps and when training is stopped.
  public var checkpoint: URL?
  /// Steps between checkpoints.
  public var checkpointInterval = 100

  /// What one step came to.
  public struct Step: Sendable, Hashable, Codable {
    /// Number, from 1.
    public let step: Int
    /// Steps in all.
    public let total: Int
    /// Distillation and cross-entropy.
    public let loss: Double
    /// The contest Ω; absent when it has no weight.
    public let contest: Double?
    /// Accuracy on the step's images.
    public let accuracy: Double
  }

  /// Result of training.
  public struct Outcome: Sendable {
    /// The trained code.
    public let code: BasisCode
    /// The network with trained batch norms and the code's kernels.
    public let network: Network
    /// Steps done; fewer than planned when cancelled.
    public let steps: Int
  }

  /// Creates a trainer.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``, ``BasisNError/network(_:)``.
  public init(
    _ plan: TrainingPlan, teacher: Network?, images: LabeledImages, normalization: Normalization
  ) throws(BasisNError) {
    try plan.validate()
    try require(
      images.count >= plan.batchSize, "training images", images.count, "at least one batch of \(plan.batchSize)")
    self.plan = plan
    self.images = images
    self.normalization = normalization
    self.teacher = try teacher.map { network throws(BasisNError) in
      try asBasisNError { () throws(NetworkError) in try InferenceEngine(network) }
    }
  }

  /// The network with the code's kernels and batch-norm statistics that fit them (step 4).
  public func recalibrated(_ network: Network, code: BasisCode) throws(BasisNError) -> Network {
    try BatchNormRecalibration(
      images: images, normalization: normalization, batches: plan.recalibrationBatches, seed: plan.seed
    )
    .apply(to: code.network(network))
  }

  /// Trains.
  /// - Parameters:
  ///   - code: where to start.
  ///   - network: the float network; its batch norms and biases are trained along.
  ///   - resume: whether to go on from ``checkpoint`` if it exists. The result is bit-identical to an uninterrupted run.
  /// - Throws: ``BasisNError/diverged(step:learningRate:kept:)``, ``BasisNError/invalidFile(path:detail:)``.
  public func train(_ code: BasisCode, network: Network, resume: Bool = false) throws(BasisNError) -> Outcome {
    let start = try recalibrated(network, code: code)
    var state = try TrainingState(code, network: start, plan: plan)
    if resume, let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) {
      try state.restore(from: checkpoint)
    }
    while state.step < plan.steps, !isCancelled() {
      let batch = batch(state.step)
      let step = try state.advance(batch, teacher: teacher, plan: plan)
      guard step.loss.isFinite else {
        throw .diverged(
          step: step.step,
          learningRate: plan.coefficientRate * plan.schedule.learningRate(step: step.step - 1, of: plan.steps),
          kept: checkpoint.map { "the last good state is in \($0.path)" } ?? "no checkpoint was asked for")
      }
      onStep?(step)
      if let checkpoint, state.step % checkpointInterval == 0 || isCancelled() { try state.save(to: checkpoint) }
    }
    let trained = state.code
    let result = try recalibrated(state.network, code: trained)
    return Outcome(code: trained, network: result, steps: state.step)
  }

  /// The images of a step: a function of seed and step alone.
  private func batch(_ step: Int) -> Batch {
    let perEpoch = max(1, images.count / plan.batchSize)
    let loader = BatchLoader(
      images, batchSize: plan.batchSize, normalization: normalization, augmentation: plan.augmentation, seed: plan.seed,
      epoch: step / perEpoch, dropLast: true)
    return loader.batch(at: step % perEpoch)
  }
}
