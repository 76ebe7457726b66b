/// Byte offsets in words that a person can use.
enum TextPosition {
  /// Line and column (both from 1, the column in bytes) of the byte at `offset`.
  static func location(of offset: Int, in bytes: UnsafeRawBufferPointer) -> JSONError.Location {
    var line = 1
    var start = 0
    let end = min(offset, bytes.count)
    for index in 0..<end where bytes[index] == 0x0A {
      line += 1
      start = index + 1
    }
    return .text(line: line, column: end - start + 1)
  }
}
