/// What a training step did.
public struct StepReport: Sendable, Hashable, Codable {
  /// Steps done so far, counted from 1.
  public let step: Int
  /// Steps of the whole run.
  public let totalSteps: Int
  /// Epoch of the step, counted from 0.
  public let epoch: Int
  /// Mean classification loss per image of the batch.
  public let loss: Double
  /// The regulariser's contribution to the loss.
  public let regularization: Double
  /// Share of the (augmented) batch classified correctly, 0…1.
  public let accuracy: Double
  /// Learning rate of the step.
  public let learningRate: Float
  /// Images per second since the start of this run (or resumption).
  public let imagesPerSecond: Double
}

/// What a training epoch did; after a resumption in its middle, what was left of it.
public struct EpochReport: Sendable, Hashable, Codable {
  /// The epoch, counted from 0.
  public let epoch: Int
  /// Mean classification loss per training image.
  public let loss: Double
  /// Share of (augmented) training images classified correctly, 0…1.
  public let accuracy: Double
  /// What the validation callback returned.
  public let validation: Double?
  /// Images per second of this epoch, validation excluded.
  public let imagesPerSecond: Double
}

/// What a whole training run did.
public struct TrainingReport: Sendable, Hashable, Codable {
  /// Why a run ended.
  public enum Outcome: Sendable, Hashable, Codable {
    /// All steps are done.
    case finished
    /// The caller stopped it; a checkpoint, if one is kept, lets it resume.
    case stopped
    /// The loss became NaN or infinite; the network holds the last good state.
    case diverged(step: Int, learningRate: Float)
  }

  /// Why it ended.
  public var outcome: Outcome
  /// Steps done, those before a resumption included.
  public var steps: Int
  /// Completed epochs of this call.
  public var epochs: [EpochReport]
  /// Wall time of this call, seconds, validation included.
  public var seconds: Double
  /// Images per second of this call, validation excluded.
  public var imagesPerSecond: Double
}

/// A callback's wish.
public enum TrainingControl: Sendable, Hashable {
  /// Go on.
  case `continue`
  /// Finish here: write the checkpoint and return.
  case stop
}
