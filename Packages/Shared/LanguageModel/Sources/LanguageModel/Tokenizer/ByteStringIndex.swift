/// A hash table from byte strings to token ids, by open addressing. It stores ids only: the strings stay where they
/// are.
struct ByteStringIndex: Sendable {
  private var slots: [Int32]
  private let mask: Int

  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    mask = size - 1
  }

  /// Enters a token unless an equal one is there; `place` tells where the token of an id lies in `bytes`.
  mutating func insert(_ id: Int32, bytes: [UInt8], _ range: Range<Int>, place: (Int32) -> Range<Int>) {
    var slot = ByteString.hash(bytes, range) & mask
    while slots[slot] >= 0 {
      if ByteString.equal(bytes, range, bytes, place(slots[slot])) { return }
      slot = (slot + 1) & mask
    }
    slots[slot] = id
  }

  /// The token equal to `text[range]`.
  func find(_ text: [UInt8], _ range: Range<Int>, in bytes: [UInt8], place: (Int32) -> Range<Int>) -> Int32? {
    var slot = ByteString.hash(text, range) & mask
    while slots[slot] >= 0 {
      if ByteString.equal(text, range, bytes, place(slots[slot])) { return slots[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }
}

/// Hashing and comparing parts of byte arrays.
enum ByteString {
  /// FNV-1a, with the high bits folded in because tables use the low ones.
  @inline(__always)
  static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
  }

  /// Whether two parts have the same content.
  @inline(__always)
  static func equal(_ left: [UInt8], _ leftRange: Range<Int>, _ right: [UInt8], _ rightRange: Range<Int>) -> Bool {
    guard leftRange.count == rightRange.count else { return false }
    let distance = rightRange.lowerBound - leftRange.lowerBound
    for index in leftRange where left[index] != right[index + distance] { return false }
    return true
  }
}
