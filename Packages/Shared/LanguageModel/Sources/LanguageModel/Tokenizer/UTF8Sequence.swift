/// The form of UTF-8 (Unicode 16, table 3-7).
enum UTF8Sequence {
  /// The length of the well-formed sequence at `position`; 0 if there is none before `end`.
  static func length(_ bytes: [UInt8], at position: Int, end: Int) -> Int {
    let length = announcedLength(bytes[position])
    guard length > 0, position + length <= end else { return 0 }
    return matches(bytes, position, count: length) ? length : 0
  }

  /// How many bytes at the end of `bytes` are the beginning of a sequence that later bytes may complete.
  static func incompleteTail(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let start = bytes.count - count
      guard announcedLength(bytes[start]) > count else { continue }
      if matches(bytes, start, count: count) { return count }
    }
    return 0
  }

  /// The length that a first byte announces; 0 for a byte that begins no sequence.
  private static func announcedLength(_ byte: UInt8) -> Int {
    switch byte {
    case 0x00...0x7f: 1
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 0
    }
  }

  /// Whether the bytes behind the first one are continuations that fit it.
  private static func matches(_ bytes: [UInt8], _ start: Int, count: Int) -> Bool {
    for index in 1..<max(count, 1) {
      let byte = bytes[start + index]
      guard byte & 0xc0 == 0x80 else { return false }
      guard index == 1 else { continue }
      switch bytes[start] {
      case 0xe0 where byte < 0xa0, 0xed where byte > 0x9f, 0xf0 where byte < 0x90, 0xf4 where byte > 0x8f: return false
      default: break
      }
    }
    return true
  }
}
