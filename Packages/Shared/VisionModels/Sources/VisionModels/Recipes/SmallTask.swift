import ImageDataset

/// A small network that learns any images in seconds: what experiments work on where published weights are not at hand.
///
/// ```swift
/// let task = SmallTask(try DatasetReader.embeddedDigits(), seed: 0)
/// let network = try task.trainedNetwork()
/// ```
public struct SmallTask: Sendable {
  /// The images' name.
  public let name: String
  /// At most 10 000 training images, RGB, at most 16 pixels wide.
  public let train: LabeledImages
  /// A sixth of the training split, at most 5 000 images, held out for decisions.
  public let validation: LabeledImages
  /// Images for final figures only.
  public let test: LabeledImages
  /// The recipe of the network.
  public let recipe: Recipe

  /// Divides and shrinks a data set.
  /// - Throws: ``NetworkError/unknownModel(_:known:)``.
  public init(_ splits: DatasetSplits, seed: UInt64) throws(NetworkError) {
    let small = splits.rgb(size: min(splits.train.width, 16))
    let held = small.train.stratified(count: min(5_000, small.train.count / 6), seed: seed)
    name = small.name
    train = held.rest.count > 10_000 ? held.rest.stratified(count: 10_000, seed: seed).chosen : held.rest
    validation = held.chosen
    test = small.test
    var recipe = try Recipe.named("digits", images: train, seed: seed)
    if train.count > 5_000 { recipe.configuration.epochs = 2 }
    self.recipe = recipe
  }

  /// Trains the network: the same bits for the same images and seed.
  /// - Parameter isCancelled: asked after every step; the network is then as far as it came.
  /// - Throws: ``NetworkError``, or what reading images throws.
  public func trainedNetwork(isCancelled: @escaping () -> Bool = { false }) throws -> Network {
    var network = try recipe.network(for: train)
    var trainer = Trainer(recipe.configuration)
    trainer.isCancelled = isCancelled
    _ = try trainer.fit(&network, on: train)
    return network
  }
}
