/// Finds the place of malformed UTF-8; used only to say where an error is.
enum InvalidUTF8 {
  static func firstOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    while index < bytes.count {
      let length = sequenceLength(bytes[index])
      let end = index + length
      guard length > 0, end <= bytes.count,
        String(validating: UnsafeRawBufferPointer(rebasing: bytes[index..<end]), as: UTF8.self) != nil
      else { return index }
      index = end
    }
    return nil
  }

  private static func sequenceLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0x00...0x7F: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }
}
