import ImageDataset

/// What `data` prints about a split.
public struct DatasetSummary: Sendable, Hashable, Codable {
  /// Name of the set.
  public let name: String
  /// Images.
  public let count: Int
  /// `[height, width, channels]`.
  public let shape: [Int]
  /// Class names with their numbers of images.
  public let classes: [ClassCount]
  /// Mean per channel, 0…1.
  public let mean: [Float]
  /// Standard deviation per channel, 0…1.
  public let std: [Float]
  /// Licence text.
  public let license: String
  /// SHA-256 over the raw pixels.
  public let sha256: String

  /// A class and how often it occurs.
  public struct ClassCount: Sendable, Hashable, Codable {
    /// Class name.
    public let name: String
    /// Images of the class.
    public let count: Int
  }

  /// Summarises a split.
  public init(_ images: LabeledImages) {
    name = images.name
    count = images.count
    shape = [images.height, images.width, images.channels]
    classes = zip(images.classes, images.classCounts).map { ClassCount(name: $0, count: $1) }
    mean = images.mean
    std = images.std
    license = images.license
    sha256 = images.sha256
  }
}
