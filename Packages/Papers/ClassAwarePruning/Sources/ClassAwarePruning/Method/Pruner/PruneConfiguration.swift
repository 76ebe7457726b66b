import ImageDataset
import TinyNN
import VisionModels

/// Everything that determines a pruning run besides the network and the data; the same configuration and data give the same
/// bits.
public struct PruneConfiguration: Sendable, Codable, Hashable {
  /// Criterion by name (``Criteria/names``).
  public var criterion: String
  /// How the class score is made; other criteria take their images from it.
  public var score: ScoreOptions
  /// What one round removes.
  public var rule: RemovalRule
  /// The cost that prepares pruning.
  public var cost: TrainingCost
  /// How networks are trained between the removals.
  public var training: RetrainingOptions
  /// Images of training with the modified cost before the first round (E_m).
  public var initialImages: Int
  /// Images of training with the modified cost before every later round.
  public var roundImages: Int
  /// Images of retraining after each removal (E_r).
  public var retrainImages: Int
  /// Images of the last retraining, when no further round follows.
  public var finalImages: Int
  /// Whether retraining uses the modified cost too.
  public var regulariseRetraining: Bool
  /// At most so many rounds.
  public var maximumRounds: Int?
  /// Stop when this fraction of the multiply-accumulates is gone.
  public var targetMacsReduction: Double?
  /// Points of validation accuracy (0…1) that may be lost before a round is rolled back; nil for any loss.
  public var maximumAccuracyLoss: Double?
  /// A round's retraining ends as soon as the validation accuracy (0…1) reaches this; nil trains to the end.
  public var earlyStop: Double?
  /// Accuracies that single classes must keep.
  public var contract: ClassContract?
  /// Seed of everything random.
  public var seed: UInt64

  /// Creates a configuration; the defaults are the specification's.
  public init(
    criterion: String = "class", score: ScoreOptions = ScoreOptions(), rule: RemovalRule = RemovalRule(),
    cost: TrainingCost = TrainingCost(), training: RetrainingOptions = RetrainingOptions(), initialImages: Int = 0,
    roundImages: Int = 0, retrainImages: Int = 25_000, finalImages: Int = 0, regulariseRetraining: Bool = false,
    maximumRounds: Int? = nil, targetMacsReduction: Double? = nil, maximumAccuracyLoss: Double? = 0.02,
    earlyStop: Double? = nil, contract: ClassContract? = nil, seed: UInt64 = 0
  ) {
    self.criterion = criterion
    self.score = score
    self.rule = rule
    self.cost = cost
    self.training = training
    self.initialImages = initialImages
    self.roundImages = roundImages
    self.retrainImages = retrainImages
    self.finalImages = finalImages
    self.regulariseRetraining = regulariseRetraining
    self.maximumRounds = maximumRounds
    self.targetMacsReduction = targetMacsReduction
    self.maximumAccuracyLoss = maximumAccuracyLoss
    self.earlyStop = earlyStop
    self.contract = contract
    self.seed = seed
  }

  /// Checks all options before any work.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public func validate() throws(PruneError) {
    let criterion = try Criteria.named(self.criterion, options: score)
    try score.validate()
    try rule.validate()
    try cost.validate()
    try training.validate()
    if rule.strategy.threshold(round: 0) != nil, !criterion.countsClasses {
      throw .invalidOption(
        "the strategy", value: "\(rule.strategy)",
        expected: "percentage:p, because the criterion \(self.criterion) does not count classes")
    }
    for (name, value) in [
      ("initialImages", initialImages), ("roundImages", roundImages), ("retrainImages", retrainImages),
      ("finalImages", finalImages),
    ] where value < 0 {
      throw .invalidOption(name, value: "\(value)", expected: "0 or more images")
    }
    if let rounds = maximumRounds, rounds < 1 {
      throw .invalidOption("the number of rounds", value: "\(rounds)", expected: "1 or more")
    }
    if let target = targetMacsReduction, !(target > 0 && target < 1) {
      throw .invalidOption("the target reduction", value: "\(target)", expected: "a fraction between 0 and 1")
    }
    for (name, value) in [("maximumAccuracyLoss", maximumAccuracyLoss), ("earlyStop", earlyStop)] {
      if let value, !(value >= 0 && value <= 1) {
        throw .invalidOption(name, value: "\(value)", expected: "0 to 1")
      }
    }
    try contract?.validate()
  }
}

/// How networks are trained during pruning.
public struct RetrainingOptions: Sendable, Codable, Hashable {
  /// Peak learning rate; falls to 0 over each phase along a cosine.
  public var learningRate: Float
  /// Momentum of SGD.
  public var momentum: Float
  /// Weight decay of all parameters.
  public var weightDecay: Float
  /// Images per step.
  public var batchSize: Int
  /// Crops and flips.
  public var augmentation: Augmentation

  /// Creates options; the defaults are the paper's code (crop 4 and flip).
  public init(
    learningRate: Float = 0.01, momentum: Float = 0.9, weightDecay: Float = 5e-4, batchSize: Int = 128,
    augmentation: Augmentation = Augmentation(cropPadding: 4, padding: .zero, flip: .random)
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.batchSize = batchSize
    self.augmentation = augmentation
  }

  func validate() throws(PruneError) {
    guard learningRate > 0, learningRate.isFinite else {
      throw .invalidOption("the learning rate", value: "\(learningRate)", expected: "a positive number")
    }
    guard batchSize >= 1 else {
      throw .invalidOption("the batch size", value: "\(batchSize)", expected: "1 or more")
    }
    guard weightDecay >= 0, (0..<1).contains(momentum) else {
      throw .invalidOption(
        "momentum or weight decay", value: "\(momentum), \(weightDecay)", expected: "0 ≤ momentum < 1, decay ≥ 0")
    }
  }
}
