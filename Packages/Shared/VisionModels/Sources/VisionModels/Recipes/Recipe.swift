import ImageDataset

/// A network, its initialisation and a complete training configuration that are known to work together.
public struct Recipe: Sendable {
  /// The recipe's name.
  public let name: String
  /// Name of the network, for ``Models/named(_:classes:)``.
  public let model: String
  /// How weights start.
  public var initialization: Initialization
  /// Whether the first convolution is set to whiten image patches (``Whitening``).
  public var whitensStem = false
  /// Schedule, optimiser, augmentation.
  public var configuration: TrainingConfiguration
  /// Views averaged when the result is evaluated.
  public var testTimeAugmentation = TestTimeAugmentation.none

  /// Names understood by ``named(_:images:seed:)``.
  public static let names = ["airbench93", "airbench94", "resnet20-onecycle", "digits"]

  /// Makes a recipe for a training set (normalisation comes from its statistics).
  /// - Throws: ``NetworkError/unknownModel(_:known:)``.
  public static func named(
    _ name: String, images: LabeledImages, seed: UInt64 = 0
  ) throws(NetworkError) -> Recipe {
    let normalization = images.normalization
    switch name {
    case "airbench93": return airbench(.airbench93, normalization: normalization, seed: seed)
    case "airbench94": return airbench(.airbench94, normalization: normalization, seed: seed)
    case "resnet20-onecycle": return resnet20OneCycle(normalization: normalization, seed: seed)
    case "digits": return digits(normalization: normalization, seed: seed)
    default: throw .unknownModel(name, known: names)
    }
  }

  /// Builds and initialises the network for a training set.
  public func network(for images: LabeledImages) throws(NetworkError) -> Network {
    var network =
      model == "digits"
      ? try Models.digits(
        classes: images.classes.count, inputShape: [images.height, images.width, images.channels])
      : try Models.named(model, classes: images.classes.count)
    network.initialize(seed: configuration.seed, initialization)
    if whitensStem {
      try Whitening.apply(to: &network, convolution: "0", images: images, normalization: configuration.normalization)
    }
    network.metadata["recipe"] = name
    network.normalization = configuration.normalization
    return network
  }
}
