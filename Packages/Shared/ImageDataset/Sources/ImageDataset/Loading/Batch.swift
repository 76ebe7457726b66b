import TinyTensor

/// Some images, normalised, with their labels.
public struct Batch: Sendable {
  /// `[count, height, width, channels]`.
  public let images: Tensor
  /// The class number of every image.
  public let labels: [Int]
  /// Where the images lie in the ``LabeledImages`` they come from.
  public let indices: [Int]

  /// How many images there are.
  public var count: Int { labels.count }
}
