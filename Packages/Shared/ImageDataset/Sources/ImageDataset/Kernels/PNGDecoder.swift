import FileKit
import Foundation
import PNGShims

/// Owns one libpng reader of the shim, which contains libpng's `longjmp`.
final class PNGDecoder {
  let width: Int
  let height: Int
  let channels: Int
  private let isInterlaced: Bool
  private let name: String
  private let reader: OpaquePointer
  private let owner: AnyObject?

  /// Reads the header of the PNG image in `bytes`, which must outlive the decoder.
  convenience init(
    _ bytes: UnsafeRawBufferPointer, channels: Int, options: PNGOptions, file: String
  ) throws(PNGError) {
    try self.init(bytes, owner: nil, channels: channels, options: options, file: file)
  }

  /// Reads the header of the PNG image in a mapped file, which the decoder keeps mapped.
  convenience init(_ file: MappedFile, channels: Int, options: PNGOptions) throws(PNGError) {
    // The address of a mapping does not change as long as the object lives, and the decoder keeps it alive.
    let bytes = file.withUnsafeBytes { $0 }
    try self.init(bytes, owner: file, channels: channels, options: options, file: file.url.path)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, owner: AnyObject?, channels: Int, options: PNGOptions, file: String
  ) throws(PNGError) {
    precondition(channels == 1 || channels == 3, "a PNG image is read as 1 or 3 channels, not \(channels)")
    guard let base = bytes.baseAddress, bytes.count > 0 else { throw PNGError(file: file, reason: "the file is empty") }
    var shimOptions = png_shim_options(
      maximum_width: UInt32(clamping: options.maximumWidth), maximum_height: UInt32(clamping: options.maximumHeight),
      maximum_chunk_bytes: max(options.maximumChunkBytes, 0), channels: Int32(channels),
      reject_alpha: options.transparency == .refused ? 1 : 0)
    var info = png_shim_info()
    var message = [CChar](repeating: 0, count: Int(png_shim_message_size))
    let bytePointer = base.assumingMemoryBound(to: UInt8.self)
    guard let reader = png_shim_open(bytePointer, bytes.count, &shimOptions, &info, &message) else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw PNGError(file: file, reason: text)
    }
    self.reader = reader
    self.owner = owner
    self.channels = channels
    name = file
    width = Int(info.width)
    height = Int(info.height)
    isInterlaced = info.is_interlaced != 0
  }

  deinit { png_shim_close(reader) }

  /// The whole image, `[height, width, channels]`, with the end of the file checked.
  func readImage() throws(PNGError) -> [UInt8] {
    var succeeded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { buffer, count in
      // Zeroed, because a failing decoder leaves the rest of the rows unwritten.
      buffer.initialize(repeating: 0)
      count = buffer.count
      succeeded = png_shim_read_image(reader, buffer.baseAddress) != 0
    }
    guard succeeded else { throw error() }
    try finish()
    return pixels
  }

  func readRows(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(PNGError) {
    guard let base = buffer.baseAddress else { return }
    guard png_shim_read_rows(reader, base, buffer.count / (width * channels)) != 0 else { throw error() }
  }

  func finish() throws(PNGError) {
    guard png_shim_finish(reader) != 0 else { throw error() }
  }

  /// Each with the name of the file.
  var warnings: [String] {
    String(cString: png_shim_warnings(reader)).split(separator: "\n").map { "\(name): \($0)" }
  }

  private func error() -> PNGError {
    PNGError(file: name, reason: String(cString: png_shim_message(reader)))
  }
}
