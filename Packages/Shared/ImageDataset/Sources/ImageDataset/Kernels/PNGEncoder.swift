import Foundation
import PNGShims

/// Compresses pixels through the shim.
enum PNGEncoder {
  static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int, compressionLevel: Int
  ) throws(PNGError) -> Data {
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = [CChar](repeating: 0, count: Int(png_shim_message_size))
    let level = Int32(min(max(compressionLevel, 0), 9))
    let succeeded = png_shim_encode(
      pixels, UInt32(clamping: width), UInt32(clamping: height), Int32(channels), level, &encoded, &count, &message)
    guard succeeded != 0, let encoded else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw PNGError(file: "PNG data", reason: text)
    }
    return Data(bytesNoCopy: encoded, count: count, deallocator: .custom { bytes, _ in free(bytes) })
  }
}
