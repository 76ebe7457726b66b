import FileKit
import Foundation

/// Reads a PNG file row by row, so that a tall atlas never needs to be in memory as a whole.
public final class PNGRowReader {
  private let decoder: PNGDecoder

  /// Pixels per row.
  public var width: Int { decoder.width }
  /// Rows.
  public var height: Int { decoder.height }
  /// Bytes per pixel of the output: 3 (RGB) or 1 (grey).
  public var channels: Int { decoder.channels }
  /// How many rows were read so far.
  public private(set) var rowsRead = 0
  /// libpng's warnings about harmless defects so far.
  public var warnings: [String] { decoder.warnings }

  /// Opens the file at `url` and reads its header.
  ///
  /// - Parameters:
  ///   - url: A PNG file that is not interlaced.
  ///   - channels: 3 for RGB output; 1 for grey output, which refuses images with colours.
  ///   - options: Limits and the treatment of transparency.
  public init(_ url: URL, channels: Int = 3, options: PNGOptions = .atlas) throws(PNGError) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(url)
    } catch {
      throw PNGError(file: url.path, reason: error.problem)
    }
    decoder = try PNGDecoder(file, channels: channels, options: options)
  }

  init(_ file: MappedFile, channels: Int, options: PNGOptions) throws(PNGError) {
    decoder = try PNGDecoder(file, channels: channels, options: options)
  }

  /// Reads the next `count` rows, `[count, width, channels]`; fewer at the end of the image, none behind it.
  public func readRows(_ count: Int) throws(PNGError) -> [UInt8] {
    let count = min(count, height - rowsRead)
    guard count > 0 else { return [] }
    var rows = [UInt8](repeating: 0, count: count * width * channels)
    let result = rows.withUnsafeMutableBufferPointer { buffer in
      Result { () throws(PNGError) in try readRows(into: buffer) }
    }
    try result.get()
    return rows
  }

  /// Fills `buffer`, whose size is a whole number of rows, with the next rows.
  func readRows(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(PNGError) {
    try decoder.readRows(into: buffer)
    rowsRead += buffer.count / (width * channels)
  }

  /// Checks what follows the last row: the end of the compressed data, their checksum, and the end of the file.
  public func finish() throws(PNGError) {
    try decoder.finish()
  }
}
