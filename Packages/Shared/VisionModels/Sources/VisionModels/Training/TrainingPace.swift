import ImageDataset

/// How fast this machine trains a network, measured on a few steps that are thrown away.
public struct TrainingPace: Sendable, Hashable {
  /// Training images per second.
  public let imagesPerSecond: Double
  /// Images of an epoch.
  public let imagesPerEpoch: Int
  /// Time that measuring took, in seconds.
  public let measuringSeconds: Double

  /// Trains a copy for a few steps.
  /// - Parameter steps: steps to time; one more warms up.
  /// - Throws: what ``Trainer/fit(_:on:resume:)`` throws.
  public init(
    measuring configuration: TrainingConfiguration, of network: Network, on images: LabeledImages, steps: Int = 4
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    var warm = start
    var seen = 0
    var trainer = Trainer(configuration)
    trainer.onStep = { step in
      if step.step == 1 { warm = clock.now } else { seen += configuration.batchSize }
      return step.step > steps ? .stop : .continue
    }
    var copy = network
    _ = try trainer.fit(&copy, on: images)
    let end = clock.now
    measuringSeconds = seconds(end - start)
    // A set of a single batch has no second step: then the first one must do.
    imagesPerSecond =
      seen > 0
      ? Double(seen) / seconds(end - warm)
      : Double(min(images.count, configuration.batchSize)) / measuringSeconds
    imagesPerEpoch = images.count
  }

  /// Epochs that fit into `minutes`, measuring included, with a twentieth kept in hand for a machine that slows down.
  public func epochs(minutes: Double) -> Double {
    let budget = 0.95 * max(1, minutes * 60 - measuringSeconds)
    return budget * imagesPerSecond / Double(imagesPerEpoch)
  }
}
