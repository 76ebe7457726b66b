/// Walks over a text by characters, telling their class and length; bytes that are no UTF-8 count as characters of
/// their own.
struct TextScanner {
  let bytes: [UInt8]
  /// The end of the part that is looked at.
  var end: Int

  /// The class and length in bytes of the character at `position`, which lies before `end`.
  @inline(__always)
  func character(at position: Int) -> (class: CharacterClass, length: Int) {
    let byte = bytes[position]
    if byte < 0x80 { return (CharacterClass.ascii(byte), 1) }
    return wideCharacter(at: position)
  }

  /// The end of the run of characters of one class that begins at `position`; `position` itself if there is none.
  @inline(__always)
  func run(of wanted: CharacterClass, from position: Int) -> Int {
    var position = position
    while position < end {
      let (found, length) = character(at: position)
      if found != wanted { break }
      position += length
    }
    return position
  }

  private func wideCharacter(at position: Int) -> (class: CharacterClass, length: Int) {
    let length = UTF8Sequence.length(bytes, at: position, end: end)
    guard length > 1 else { return (.other, 1) }
    var value = UInt32(bytes[position]) & (0x7f >> UInt32(length))
    for index in position + 1..<position + length { value = value << 6 | UInt32(bytes[index] & 0x3f) }
    guard let scalar = Unicode.Scalar(value) else { return (.other, 1) }
    return (CharacterClass.scalar(scalar), length)
  }
}
