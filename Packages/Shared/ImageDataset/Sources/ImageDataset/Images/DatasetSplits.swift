/// The training and the test split of one data set.
public struct DatasetSplits: Sendable {
  /// The data set, for example `cifar10`.
  public let name: String
  /// What models learn from.
  public let train: LabeledImages
  /// What models are judged by.
  public let test: LabeledImages

  /// Pairs two splits of the same kind of images.
  public init(name: String, train: LabeledImages, test: LabeledImages) {
    precondition(
      train.width == test.width && train.height == test.height && train.channels == test.channels
        && train.classes == test.classes, "both splits need the same image size and classes")
    self.name = name
    self.train = train
    self.test = test
  }

  /// Both splits as square RGB images, with the statistics of the training split recomputed: what every vision model takes.
  ///
  /// - Parameters:
  ///   - size: The new width and height; 32 for the CIFAR networks.
  ///   - method: How images are brought to that size.
  public func rgb(size: Int = 32, method: ResizeMethod = .bilinear) -> DatasetSplits {
    if train.channels == 3 && train.width == size && train.height == size { return self }
    let train = train.rgb().resized(to: size, method: method)
    let test = test.rgb().resized(to: size, method: method)
    let statistics = PixelStatistics.normalization(of: train.storage, channels: 3)
    return DatasetSplits(name: name, train: train.with(statistics), test: test.with(statistics))
  }
}
