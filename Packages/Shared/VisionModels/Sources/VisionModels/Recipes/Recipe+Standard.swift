import ImageDataset
import TinyNN

extension Recipe {
  /// ResNet-20 with a one-cycle schedule: 20 epochs, batch 128, crop and flip.
  public static func resnet20OneCycle(
    epochs: Double = 20, normalization: Normalization, seed: UInt64 = 0
  ) -> Recipe {
    let configuration = TrainingConfiguration(
      epochs: epochs, batchSize: 128,
      schedule: Schedule(peak: 0.3, shape: .triangular(start: 0.1, peakAt: 0.3, end: 0)),
      groups: OptimizerGroup.decayingWeightsOnly(
        { .sgd(momentum: 0.9, nesterov: true, weightDecay: $0) }, weightDecay: 5e-4),
      normalization: normalization, augmentation: .standard,
      seed: seed)
    return Recipe(
      name: "resnet20-onecycle", model: "resnet20", initialization: .heFanOut, configuration: configuration)
  }

  /// The small network on 8×8 digits: more than 97 % in seconds.
  ///
  /// Batch size and smoothing won among twelve pairs on 288 digits held out of the training split.
  public static func digits(
    epochs: Double = 20, normalization: Normalization, seed: UInt64 = 0
  ) -> Recipe {
    var configuration = TrainingConfiguration(
      epochs: epochs, batchSize: 32,
      schedule: Schedule(peak: 0.1, shape: .triangular(start: 0.1, peakAt: 0.3, end: 0)),
      groups: OptimizerGroup.decayingWeightsOnly(
        { .sgd(momentum: 0.9, nesterov: true, weightDecay: $0) }, weightDecay: 5e-4),
      normalization: normalization, augmentation: Augmentation(cropPadding: 1, padding: .zero, flip: .none),
      seed: seed)
    configuration.labelSmoothing = 0.2
    return Recipe(name: "digits", model: "digits", initialization: .heFanOut, configuration: configuration)
  }
}
