/// What a PNG image may look like and what becomes of it.
public struct PNGOptions: Sendable, Hashable {
  /// What happens to an image with an alpha channel or a transparent colour.
  public enum Transparency: Sendable, Hashable {
    /// It is laid over black: every sample is multiplied by its alpha.
    case overBlack
    /// It is refused.
    case refused
  }

  /// Wider images are refused before anything is allocated.
  public var maximumWidth: Int
  /// Higher images are refused before anything is allocated.
  public var maximumHeight: Int
  /// How much memory one chunk of metadata may take, in bytes.
  public var maximumChunkBytes: Int
  /// What happens to transparent images.
  public var transparency: Transparency

  /// Creates options.
  public init(
    maximumWidth: Int = 4096, maximumHeight: Int = 4096, maximumChunkBytes: Int = 8 << 20,
    transparency: Transparency = .overBlack
  ) {
    self.maximumWidth = maximumWidth
    self.maximumHeight = maximumHeight
    self.maximumChunkBytes = maximumChunkBytes
    self.transparency = transparency
  }

  /// For tall atlases, read row by row: up to 65 536 rows.
  public static let atlas = PNGOptions(maximumHeight: 65_536)
}
