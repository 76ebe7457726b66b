import FileKit
import Foundation

/// PNG images through libpng: every bit depth, palettes, grey, alpha and interlaced images become 8-bit RGB.
public enum PNG {
  /// Decodes an image to RGB.
  ///
  /// - Parameters:
  ///   - data: The contents of a PNG file.
  ///   - options: Limits and the treatment of transparency.
  ///   - file: The name to use in errors.
  ///   - warnings: Receives libpng's warnings about harmless defects.
  public static func decode(
    _ data: Data, options: PNGOptions = .init(), file: String = "PNG data", warnings: ((String) -> Void)? = nil
  ) throws(PNGError) -> RGBImage {
    let image = try decode(data, channels: 3, options: options, file: file, warnings: warnings)
    return RGBImage(width: image.width, height: image.height, pixels: image.pixels)
  }

  /// Decodes a grey image; an image with colours is refused.
  public static func decodeGray(
    _ data: Data, options: PNGOptions = .init(), file: String = "PNG data", warnings: ((String) -> Void)? = nil
  ) throws(PNGError) -> GrayImage {
    let image = try decode(data, channels: 1, options: options, file: file, warnings: warnings)
    return GrayImage(width: image.width, height: image.height, pixels: image.pixels)
  }

  /// The PNG file of an RGB image.
  ///
  /// - Parameter compressionLevel: From 0 (fast) to 9 (small).
  public static func encode(_ image: RGBImage, compressionLevel: Int = 6) throws(PNGError) -> Data {
    try PNGEncoder.encode(
      image.pixels, width: image.width, height: image.height, channels: 3, compressionLevel: compressionLevel)
  }

  /// The PNG file of a grey image.
  public static func encode(_ image: GrayImage, compressionLevel: Int = 6) throws(PNGError) -> Data {
    try PNGEncoder.encode(
      image.pixels, width: image.width, height: image.height, channels: 1, compressionLevel: compressionLevel)
  }

  /// Writes an RGB image to `url`; the file appears completely or not at all.
  public static func write(_ image: RGBImage, to url: URL, compressionLevel: Int = 6) throws {
    try AtomicFile.write(encode(image, compressionLevel: compressionLevel), to: url)
  }

  /// Writes a grey image to `url`; the file appears completely or not at all.
  public static func write(_ image: GrayImage, to url: URL, compressionLevel: Int = 6) throws {
    try AtomicFile.write(encode(image, compressionLevel: compressionLevel), to: url)
  }

  private static func decode(
    _ data: Data, channels: Int, options: PNGOptions, file: String, warnings: ((String) -> Void)?
  ) throws(PNGError) -> (width: Int, height: Int, pixels: [UInt8]) {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(PNGError) in
        let decoder = try PNGDecoder(bytes, channels: channels, options: options, file: file)
        let pixels = try decoder.readImage()
        decoder.warnings.forEach { warnings?($0) }
        return (decoder.width, decoder.height, pixels)
      }
    }
    return try result.get()
  }
}
