import ImageDataset
import TinyNN

/// Everything that determines a training run besides the network and the data; the same configuration, seed and data give
/// the same bits.
public struct TrainingConfiguration: Sendable, Codable {
  /// Passes over the training set; a fraction ends within an epoch.
  public var epochs: Double
  /// Images per step.
  public var batchSize: Int
  /// Whether an incomplete last batch of an epoch is left out.
  public var dropsLastBatch = false
  /// Learning rate by step.
  public var schedule: Schedule
  /// Optimisers and the parameters each one steps; the first group whose roles contain a parameter's role takes it.
  public var groups: [OptimizerGroup]
  /// Input scaling.
  public var normalization: Normalization
  /// Crops, flips, cutout.
  public var augmentation: Augmentation
  /// Label smoothing ε: target (1−ε)·onehot + ε/classes.
  public var labelSmoothing: Float = 0
  /// Whether the loss is the mean or the sum over the batch.
  public var reduction = Reduction.mean
  /// Running average of the weights.
  public var averaging = WeightAveraging.none
  /// Rounding of what convolutions and linear layers multiply; weights stay `Float`.
  public var precision = ProductPrecision.float32
  /// Gradients are scaled down to this norm, if given.
  public var gradientNormLimit: Float?
  /// Parameters that train only before the given epoch (a whitening bias, say).
  public var trainedUntilEpoch: [String: Int] = [:]
  /// Seed of shuffling, augmentation and dropout.
  public var seed: UInt64

  /// Creates a configuration with one group (SGD unless given).
  public init(
    epochs: Double, batchSize: Int, schedule: Schedule, groups: [OptimizerGroup] = [OptimizerGroup(.sgd())],
    normalization: Normalization, augmentation: Augmentation = .none, seed: UInt64 = 0
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.schedule = schedule
    self.groups = groups
    self.normalization = normalization
    self.augmentation = augmentation
    self.seed = seed
  }

  /// Steps of one epoch over `count` images.
  public func stepsPerEpoch(images count: Int) -> Int {
    dropsLastBatch ? count / batchSize : (count + batchSize - 1) / batchSize
  }

  /// Steps of the whole run over `count` images.
  public func totalSteps(images count: Int) -> Int {
    Int((Double(stepsPerEpoch(images: count)) * epochs).rounded(.up))
  }

  func validate(images count: Int, classes: Int) throws(NetworkError) {
    guard epochs > 0, epochs.isFinite, epochs < 1e6 else {
      throw .invalidTraining("epochs is \(epochs), expected a positive number; correct it")
    }
    guard batchSize > 0 else { throw .invalidTraining("batchSize is \(batchSize), expected at least 1; correct it") }
    guard stepsPerEpoch(images: count) > 0 else {
      throw .invalidTraining("\(count) images do not fill one batch of \(batchSize); use a smaller batch")
    }
    guard (0..<1).contains(labelSmoothing) else {
      throw .invalidTraining("labelSmoothing is \(labelSmoothing), expected 0..<1; correct it")
    }
    guard classes > 1 || labelSmoothing == 0 else {
      throw .invalidTraining("label smoothing needs at least 2 classes; set labelSmoothing to 0")
    }
    guard !groups.isEmpty else { throw .invalidTraining("the configuration has no parameter group; add one") }
  }
}

/// Parameters that share an optimiser.
public struct OptimizerGroup: Sendable, Codable, Hashable {
  /// Roles of the parameters that belong to it; empty: every role.
  public var roles: Set<ParameterSpecification.Role>
  /// Factor on the scheduled learning rate.
  public var learningRateScale: Float
  /// The update rule.
  public var optimizer: OptimizerConfiguration

  /// Creates a group.
  public init(
    _ optimizer: OptimizerConfiguration, roles: Set<ParameterSpecification.Role> = [], learningRateScale: Float = 1
  ) {
    self.roles = roles
    self.learningRateScale = learningRateScale
    self.optimizer = optimizer
  }

  /// Weights with decay; biases and batch-norm parameters without.
  public static func decayingWeightsOnly(
    _ make: (_ weightDecay: Float) -> OptimizerConfiguration, weightDecay: Float
  ) -> [OptimizerGroup] {
    [OptimizerGroup(make(weightDecay), roles: [.weight, .custom]), OptimizerGroup(make(0))]
  }
}

/// An update rule and its constants.
public enum OptimizerConfiguration: Sendable, Codable, Hashable {
  /// Stochastic gradient descent with momentum, PyTorch's recurrence; decay is added to the gradient.
  case sgd(momentum: Float = 0.9, nesterov: Bool = true, weightDecay: Float = 0)
  /// Adam (Kingma & Ba 2015); decay is added to the gradient.
  case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0)
  /// AdamW (Loshchilov & Hutter 2019); decay is decoupled.
  case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01)
}

/// Running averages of weights and batch-norm statistics.
public enum WeightAveraging: Sendable, Codable, Hashable {
  /// None.
  case none
  /// Exponential moving average after every step; the network ends with the average.
  case exponential(decay: Float)
  /// Every `every` steps with d = `decay` · (step / total)³: average = d · average + (1−d) · weights, and the weights are set to the
  /// average; at the end d = 1 (airbench's Lookahead).
  case lookahead(every: Int, decay: Float)
}
