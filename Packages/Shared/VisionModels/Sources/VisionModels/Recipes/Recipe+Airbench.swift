import ImageDataset
import TinyNN

extension Recipe {
  /// K. Jordan's fast CIFAR-10 recipe (airbench, 2024): 93 % after 11 epochs or 94 % after 9.9.
  ///
  /// Nesterov SGD on the *summed* loss; with `k = 1024 · (1 + 1 / (1 − momentum))` the learning rate per summed example is
  /// 11.5 / k and the decay 0.0153 · batch / k is applied once per step independent of the rate (PyTorch's weight decay is
  /// that over the rate). Batch-norm biases learn 64 times as fast with the same absolute decay.
  ///
  /// Rates are per example, so a smaller `batchSize` takes more steps of the same length per image: right for small sets.
  public static func airbench(
    _ size: Models.Airbench, epochs: Double? = nil, batchSize: Int = 1024, normalization: Normalization,
    seed: UInt64 = 0
  ) -> Recipe {
    let momentum: Float = 0.85
    let biasScale: Float = 64
    let k = 1024 * (1 + 1 / (1 - momentum))
    let rate = 11.5 / k
    let decay = 0.0153 * Float(batchSize) / k
    var configuration = TrainingConfiguration(
      epochs: epochs ?? (size == .airbench93 ? 11 : 9.9), batchSize: batchSize,
      schedule: Schedule(peak: rate, shape: .triangular(start: 0.2, peakAt: 0.23, end: 0.07)),
      groups: [
        OptimizerGroup(
          .sgd(momentum: momentum, nesterov: true, weightDecay: decay / (rate * biasScale)), roles: [.shift],
          learningRateScale: biasScale),
        OptimizerGroup(.sgd(momentum: momentum, nesterov: true, weightDecay: decay / rate)),
      ],
      normalization: normalization,
      augmentation: .airbench, seed: seed)
    configuration.dropsLastBatch = true
    configuration.labelSmoothing = 0.2
    configuration.reduction = .sum
    configuration.averaging = .lookahead(every: 5, decay: 0.95 * 0.95 * 0.95 * 0.95 * 0.95)
    configuration.trainedUntilEpoch = ["0.bias": 3]
    var recipe = Recipe(
      name: size.rawValue, model: size.rawValue, initialization: .dirac, configuration: configuration)
    recipe.whitensStem = true
    recipe.testTimeAugmentation = .mirrorAndShift
    return recipe
  }
}
