/// The classes of characters that the splitting patterns of tokenizers distinguish.
enum CharacterClass: UInt8 {
  /// `\p{L}`.
  case letter
  /// `\p{N}`.
  case number
  /// Carriage return and line feed.
  case newline
  /// The other characters of `\s`, the space included.
  case space
  /// Everything else, bytes that are no UTF-8 included.
  case other

  /// The class of an ASCII character.
  @inline(__always)
  static func ascii(_ byte: UInt8) -> CharacterClass {
    switch byte {
    case 0x61...0x7a, 0x41...0x5a: .letter
    case 0x30...0x39: .number
    case 0x20, 0x09, 0x0b, 0x0c: .space
    case 0x0a, 0x0d: .newline
    default: .other
    }
  }

  /// The class of any character.
  static func scalar(_ scalar: Unicode.Scalar) -> CharacterClass {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return properties.isWhitespace ? .space : .other
    }
  }
}
