import ImageDataset

/// Averaging the logits over several views of an image.
public enum TestTimeAugmentation: String, Sendable, Codable, CaseIterable {
  /// The image as it is.
  case none
  /// Mean of the image and its mirror image.
  case mirror
  /// Half the mirror mean, half the mirror means of two one-pixel diagonal translations with reflected borders (airbench).
  case mirrorAndShift

  /// The views and their weights, which add up to 1.
  public var views: [(view: ImageView, weight: Float)] {
    switch self {
    case .none: [(.plain, 1)]
    case .mirror: [(.plain, 0.5), (.mirrored, 0.5)]
    case .mirrorAndShift:
      [(.plain, 0.25), (.mirrored, 0.25)]
        + [-1, 1].flatMap { offset in
          [false, true].map { (ImageView(dy: offset, dx: offset, isMirrored: $0), Float(0.125)) }
        }
    }
  }
}
