import ImageDataset
import ReproductionKit
import TinyTensor
import VisionModels

/// The network and the images that the experiment works on.
struct Subject: Sendable {
  /// Name for reports.
  let title: String
  /// The float network.
  let network: Network
  /// Scaling its weights expect.
  let normalization: Normalization
  /// Training images without the validation part.
  let train: LabeledImages
  /// Images for all choices, held out of the training split.
  let validation: LabeledImages
  /// Images for final figures only.
  let test: LabeledImages
  /// Why this is not the published ResNet-20 on CIFAR-10; nil if it is.
  let reason: String?

  /// CIFAR-10 and the published ResNet-20 if both are here; else other images and a small network trained in seconds.
  static func load(_ context: RunContext) throws -> Subject {
    let wish = context.option("data", default: "auto")
    let catalog = context.catalog
    if ["auto", "cifar10"].contains(wish), catalog.isAvailable("cifar10"), catalog.isAvailable("resnet20-cifar10") {
      var network = try Models.resnetCIFAR(depth: 20)
      try network.loadParameters(from: catalog.resolve("resnet20-cifar10").url)
      network.normalization = .imagenet
      let splits = try DatasetReader.open(catalog.resolve("cifar10").url)
      let (validation, train) = splits.train.stratified(count: 5_000, seed: context.seed)
      return Subject(
        title: "ResNet-20 on CIFAR-10", network: network, normalization: .imagenet, train: train,
        validation: validation, test: splits.test, reason: nil)
    }
    if wish == "auto" {
      let (source, splits) = try ImageSource.openFirst { name in try? catalog.resolve(name).url }
      return try small(
        context, splits, source, reason: "the CIFAR-10 images or the ResNet-20 weights are not on this machine")
    }
    let source = ImageSource(wish)
    return try small(
      context, source.open { try catalog.resolve($0).url }, source, reason: "the run used other data (\(wish))")
  }

  private static func small(
    _ context: RunContext, _ splits: DatasetSplits, _ source: ImageSource, reason: String
  ) throws -> Subject {
    if case .catalog = source {
    } else {
      context.record(
        DataSource(
          name: splits.name, origin: DataOrigin(rawValue: splits.train.origin.rawValue) ?? .real,
          sha256: splits.train.sha256, license: splits.train.license, location: "\(source)"))
    }
    let task = try SmallTask(splits, seed: context.seed)
    let url = try context.fileStep("small-network.safetensors") { url in
      let network = try task.trainedNetwork { context.isCancelled }
      try context.checkCancellation()
      try network.save(to: url)
    }
    return Subject(
      title: "four-convolution network on \(task.name)", network: try Network(loading: url),
      normalization: task.train.normalization, train: task.train, validation: task.validation, test: task.test,
      reason: reason)
  }

  /// Images and float activations for calibration, taken from the training split.
  func calibration(images count: Int = 16) throws -> LayerInputs {
    let images = train.batch(0..<min(count, train.count), normalization: normalization).images
    return try LayerInputs(of: NetworkShape(network).layers.map(\.name), in: network, images: images)
  }
}
