/// Escaping for the three text formats that reports are written in.
enum TextEscaping {
  /// Text for XML and HTML content and double-quoted attributes. Control characters that XML forbids are dropped.
  static func xml(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      default:
        let forbidden = scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
        if !forbidden { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }

  /// Text for one cell of a Markdown table.
  static func markdownCell(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "|": result += "\\|"
      case "\n", "\r", "\r\n": result += " "
      case "<": result += "&lt;"
      default: result.append(character)
      }
    }
    return result
  }
}
