/// An 8-bit RGB image in memory: rows from top to bottom, three interleaved bytes per pixel.
public struct RGBImage: Sendable, Hashable {
  /// Pixels per row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `width · height · 3` bytes, `[height, width, 3]`.
  public let pixels: [UInt8]

  /// Creates an image from `[height, width, 3]` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height * 3,
      "a \(width) × \(height) RGB image needs \(width * height * 3) bytes, not \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

/// An 8-bit grey image in memory: rows from top to bottom, one byte per pixel.
public struct GrayImage: Sendable, Hashable {
  /// Pixels per row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `width · height` bytes, `[height, width]`.
  public let pixels: [UInt8]

  /// Creates an image from `[height, width]` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height,
      "a \(width) × \(height) grey image needs \(width * height) bytes, not \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
