import ImageDataset
import TinyNN

/// How a code is fine-tuned (section 2.5, steps 4–6).
public struct TrainingPlan: Sendable, Codable, Hashable {
  /// Steps of gradient descent.
  public var steps: Int
  /// Images per step.
  public var batchSize: Int
  /// Peak learning rate of the coefficients.
  public var coefficientRate: Float
  /// Peak learning rate of the basis.
  public var basisRate: Float
  /// Peak learning rate of everything else (batch norms, biases, digital layers).
  public var otherRate: Float
  /// Decay of the coefficients.
  public var coefficientDecay: Float
  /// Decay of the basis.
  public var basisDecay: Float
  /// Weight of the teacher in the loss; the labels get the rest.
  public var distillation: Float
  /// Temperature T of teacher and student.
  public var temperature: Float
  /// Whether coefficients and basis are updated together; else in alternation, as the paper does.
  public var joint: Bool
  /// Steps on the coefficients before the basis has its turn.
  public var coefficientPhase: Int
  /// Steps on the basis.
  public var basisPhase: Int
  /// Largest weight λ of the contest term, reached after the middle third.
  public var contest: Float
  /// Whether numbers beyond their range get no gradient.
  public var clipsGradient: Bool
  /// Relative standard deviation of conductances that training is exposed to; 0 for none.
  public var variation: Float
  /// Batches over which batch-norm statistics are estimated before and after.
  public var recalibrationBatches: Int
  /// Shifts and flips.
  public var augmentation: Augmentation
  /// Seed of order, augmentation and variation.
  public var seed: UInt64

  /// The specification's recipe.
  public init(
    steps: Int, batchSize: Int = 64, coefficientRate: Float = 1e-2, basisRate: Float = 2e-3, otherRate: Float = 1e-3,
    coefficientDecay: Float = 2e-4, basisDecay: Float = 1e-4, distillation: Float = 0.7, temperature: Float = 3,
    joint: Bool = true, coefficientPhase: Int = 30, basisPhase: Int = 10, contest: Float = 0,
    clipsGradient: Bool = false, variation: Float = 0, recalibrationBatches: Int = 16,
    augmentation: Augmentation = .standard, seed: UInt64 = 0
  ) {
    self.steps = steps
    self.batchSize = batchSize
    self.coefficientRate = coefficientRate
    self.basisRate = basisRate
    self.otherRate = otherRate
    self.coefficientDecay = coefficientDecay
    self.basisDecay = basisDecay
    self.distillation = distillation
    self.temperature = temperature
    self.joint = joint
    self.coefficientPhase = coefficientPhase
    self.basisPhase = basisPhase
    self.contest = contest
    self.clipsGradient = clipsGradient
    self.variation = variation
    self.recalibrationBatches = recalibrationBatches
    self.augmentation = augmentation
    self.seed = seed
  }

  /// Checks every field.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public func validate() throws(BasisNError) {
    try require(steps >= 0, "steps", steps, "0 or more")
    try require(batchSize >= 2, "batch size", batchSize, "2 or more")
    for (name, rate) in [("coefficient", coefficientRate), ("basis", basisRate), ("other", otherRate)] {
      try require(rate >= 0 && rate.isFinite, "\(name) learning rate", rate, "0 or a positive number")
    }
    try require((0...1).contains(distillation), "distillation", distillation, "0…1")
    try require(temperature > 0, "temperature", temperature, "a positive number")
    try require(coefficientPhase > 0 && basisPhase > 0, "phase", min(coefficientPhase, basisPhase), "1 or more steps")
    try require(contest >= 0 && contest.isFinite, "contest weight", contest, "0 or a positive number")
    try require((0..<1).contains(variation), "variation", variation, "0 or more, below 1")
    try require(recalibrationBatches > 0, "recalibration batches", recalibrationBatches, "1 or more")
  }

  /// One-cycle: up over the first tenth, down to a hundredth by a cosine.
  var schedule: Schedule { Schedule(peak: 1, shape: .cosine(warmup: 0.1, end: 0.01)) }

  /// Weight of the contest term at a step: 0 in the first third, rising in the second, full in the last.
  func contestWeight(step: Int) -> Float {
    guard steps > 0 else { return 0 }
    let progress = Float(step) / Float(steps)
    return contest * min(1, max(0, 3 * progress - 1))
  }

  /// Which of the two takes the step.
  func updates(step: Int) -> (coefficients: Bool, basis: Bool) {
    guard !joint else { return (true, true) }
    let isCoefficients = step % (coefficientPhase + basisPhase) < coefficientPhase
    return (isCoefficients, !isCoefficients)
  }
}
