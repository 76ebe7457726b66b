/// One fixed way to look at an image, for averaging predictions over several views.
public struct ImageView: Sendable, Codable, Hashable {
  /// How many pixels further down the window begins; beyond the edge the image is reflected.
  public var dy: Int
  /// How many pixels further right the window begins; beyond the edge the image is reflected.
  public var dx: Int
  /// Whether the window is then mirrored left to right.
  public var isMirrored: Bool

  /// Creates a view.
  public init(dy: Int = 0, dx: Int = 0, isMirrored: Bool = false) {
    self.dy = dy
    self.dx = dx
    self.isMirrored = isMirrored
  }

  /// The image itself.
  public static let plain = ImageView()
  /// The image mirrored left to right.
  public static let mirrored = ImageView(isMirrored: true)
}
