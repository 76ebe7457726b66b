/// Random changes of training images that leave their class as it is.
///
/// What happens to an image is a function of the seed, the epoch and the index of the image alone, so it does not depend on
/// the batch size, the order or the threads.
public struct Augmentation: Sendable, Codable, Hashable {
  /// What lies beyond the edge of an image.
  public enum Padding: String, Sendable, Codable, Hashable {
    /// Black, before normalisation (as torchvision's `RandomCrop` pads).
    case zero
    /// The image mirrored at its edge, without repeating the edge itself.
    case reflect
  }

  /// Whether and how images are mirrored left to right.
  public enum Flip: String, Sendable, Codable, Hashable {
    /// Never.
    case none
    /// With probability ½, independently in every epoch.
    case random
    /// With probability ½ in epoch 0, then mirrored and plain in turn (K. Jordan, *94 % on CIFAR-10 in 3.29 seconds*).
    case alternating
  }

  /// How far the crop may move in each direction, in pixels; 0 does not crop.
  public var cropPadding: Int
  /// What a moved crop sees beyond the edge.
  public var padding: Padding
  /// Whether and how images are mirrored.
  public var flip: Flip
  /// The side of a square that is set to zero (the mean colour) after normalisation, in pixels; 0 cuts nothing. Its centre is
  /// anywhere in the image, so that it may be cut off at an edge (DeVries & Taylor, *Cutout*).
  public var cutout: Int

  /// Creates a combination of changes.
  public init(cropPadding: Int = 0, padding: Padding = .zero, flip: Flip = .none, cutout: Int = 0) {
    precondition(cropPadding >= 0 && cutout >= 0, "sizes in an augmentation cannot be negative")
    self.cropPadding = cropPadding
    self.padding = padding
    self.flip = flip
    self.cutout = cutout
  }

  /// Reads an augmentation; absent members mean no change.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cropPadding = try container.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 0
    padding = try container.decodeIfPresent(Padding.self, forKey: .padding) ?? .zero
    flip = try container.decodeIfPresent(Flip.self, forKey: .flip) ?? .none
    cutout = try container.decodeIfPresent(Int.self, forKey: .cutout) ?? 0
    for (key, value) in [(CodingKeys.cropPadding, cropPadding), (.cutout, cutout)] where !(0...4096).contains(value) {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "expected 0 to 4096 pixels, found \(value)")
    }
  }

  /// No change.
  public static let none = Augmentation()
  /// Crop with 4 black pixels of padding and a random flip: the usual recipe for CIFAR.
  public static let standard = Augmentation(cropPadding: 4, flip: .random)
  /// Crop with 2 reflected pixels and the alternating flip: the recipe of the airbench networks.
  public static let airbench = Augmentation(cropPadding: 2, padding: .reflect, flip: .alternating)
}
