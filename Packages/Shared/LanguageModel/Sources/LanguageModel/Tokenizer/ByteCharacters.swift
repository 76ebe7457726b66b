/// The table of GPT-2 that writes every byte as one printable character, so that vocabularies and merges are readable
/// text: printable Latin-1 stands for itself, the other 68 bytes are U+0100, U+0101, … in order ("Ġ" is the space).
enum ByteCharacters {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt8 = 0
    return (0...255).map { (byte: UInt8) in
      if isPrintable(byte) { return Unicode.Scalar(byte) }
      defer { next += 1 }
      return Unicode.Scalar(UInt16(256) + UInt16(next)) ?? Unicode.Scalar(byte)
    }
  }()

  /// The byte of each character below U+0144, where there is one.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 256 + 68)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
    return bytes
  }()

  /// Appends the bytes that `text` stands for.
  ///
  /// - Returns: False, with nothing appended, if a character stands for no byte.
  static func append(decoding text: some StringProtocol, to output: inout [UInt8]) -> Bool {
    let start = output.count
    for scalar in text.unicodeScalars {
      guard scalar.value < UInt32(bytes.count), let byte = bytes[Int(scalar.value)] else {
        output.removeSubrange(start...)
        return false
      }
      output.append(byte)
    }
    return true
  }

  /// The value of a byte token, which is written `<0xAB>`.
  static func byteValue(_ token: String) -> UInt8? {
    guard token.hasPrefix("<0x"), token.hasSuffix(">"), token.utf8.count == 6 else { return nil }
    return UInt8(token.dropFirst(3).dropLast(), radix: 16)
  }

  private static func isPrintable(_ byte: UInt8) -> Bool {
    (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
  }
}
