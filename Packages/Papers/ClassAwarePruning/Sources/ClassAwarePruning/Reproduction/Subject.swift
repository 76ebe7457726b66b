import ImageDataset
import ReproductionKit
import TinyNN
import TinyTensor
import VisionModels

/// The network and the data that an experiment works on.
struct Subject: Sendable {
  /// Name for reports, e.g. "ResNet-20 on cifar10".
  let title: String
  /// The unpruned network.
  let network: Network
  /// Scaling its weights expect.
  let normalization: Normalization
  /// The whole training split in its own order: what the published distribution of scores is compared on. Nothing is decided
  /// with it.
  let original: LabeledImages
  /// Training images without the validation part.
  let train: LabeledImages
  /// Images for all decisions, held out of the training split.
  let validation: LabeledImages
  /// Images for final figures only.
  let test: LabeledImages
  /// Whether this is the published ResNet-20 on real CIFAR-10, whose numbers the specification knows.
  let isReference: Bool
  /// Why it is not, for claims that need it.
  let reason: String
  /// Training options that suit the network.
  let training: RetrainingOptions
  /// Learning rate for training from scratch.
  let scratchLearningRate: Float

  /// Size of the validation split of CIFAR-10 (specification 2.6).
  static let validationCount = 5_000

  /// CIFAR-10 with the published weights if both are on this machine, else fashion-mnist, else the embedded digits, each of
  /// the latter with a small VGG-style network trained here in seconds. The option `data` overrides: a name or a folder.
  static func load(_ context: RunContext) throws -> Subject {
    let wish = context.option("data", default: "auto")
    let hasWeights = context.catalog.isAvailable("resnet20-cifar10")
    if wish == "auto" || wish == "cifar10", hasWeights, context.catalog.isAvailable("cifar10") {
      return try cifar(context)
    }
    guard wish == "auto" else {
      return try small(
        context, ImageSource(wish),
        reason: hasWeights ? "the run used other data (\(wish))" : "the weights are not on this machine")
    }
    return try small(
      context, context.catalog.isAvailable("fashion-mnist") ? .catalog("fashion-mnist") : .digits,
      reason: "the CIFAR-10 images or the ResNet-20 weights are not on this machine")
  }

  /// The published network of the given depth, checked and with its normalisation.
  static func pretrained(_ context: RunContext, depth: Int) throws -> Network {
    var network = try Models.resnetCIFAR(depth: depth)
    try network.loadParameters(from: context.catalog.resolve("resnet\(depth)-cifar10").url)
    network.normalization = .imagenet
    return network
  }

  private static func cifar(_ context: RunContext) throws -> Subject {
    let splits = try DatasetReader.open(context.catalog.resolve("cifar10").url)
    let (validation, train) = splits.train.stratified(count: validationCount, seed: context.seed)
    return Subject(
      title: "ResNet-20 on CIFAR-10", network: try pretrained(context, depth: 20), normalization: .imagenet,
      original: splits.train, train: train, validation: validation, test: splits.test, isReference: true, reason: "",
      training: RetrainingOptions(), scratchLearningRate: 0.1)
  }

  private static func small(_ context: RunContext, _ source: ImageSource, reason: String) throws -> Subject {
    let splits = try images(source, context)
    let task = try SmallTask(splits, seed: context.seed)
    let url = try context.fileStep("small-network.safetensors") { url in
      let network = try task.trainedNetwork { context.isCancelled }
      try context.checkCancellation()
      try network.save(to: url)
    }
    return Subject(
      title: "four-convolution network on \(task.name)", network: try Network(loading: url),
      normalization: task.train.normalization, original: task.train, train: task.train, validation: task.validation,
      test: task.test, isReference: false, reason: reason,
      training: RetrainingOptions(
        learningRate: 0.02, batchSize: 64, augmentation: Augmentation(cropPadding: 1, padding: .zero, flip: .none)),
      scratchLearningRate: 0.1)
  }

  /// The images, recorded in the report.
  private static func images(_ source: ImageSource, _ context: RunContext) throws -> DatasetSplits {
    let splits = try source.open { try context.catalog.resolve($0).url }
    if case .catalog = source {
    } else {
      context.record(
        DataSource(
          name: splits.name, origin: DataOrigin(rawValue: splits.train.origin.rawValue) ?? .real,
          sha256: splits.train.sha256, license: splits.train.license, location: "\(source)"))
    }
    return splits
  }
}
