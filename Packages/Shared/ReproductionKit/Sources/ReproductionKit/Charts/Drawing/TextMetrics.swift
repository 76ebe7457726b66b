/// Estimates the width of text. The estimate follows a wide sans-serif face, so that narrower ones fit as well.
enum TextMetrics {
  /// Width of one line in user units.
  static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
    text.unicodeScalars.reduce(0) { $0 + advance($1) } * size * (bold ? 1.1 : 1)
  }

  private static func advance(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "'", "|", ".", ",", ":", ";", "!", " ": 0.32
    case "f", "t", "r", "(", ")", "[", "]", "-", "/", "\\": 0.4
    case "m", "w", "M", "W", "%", "@": 0.96
    case "A"..."Z", "&", "#", "=", "+", "±", "×", "<", ">", "−", "~": 0.76
    case "⁰"..."⁹", "¹", "²", "³", "⁻": 0.4
    default: 0.63
    }
  }

  /// The text, cut with an ellipsis where it would be wider than `limit`.
  static func fitted(_ text: String, size: Double, limit: Double) -> String {
    guard width(text, size: size) > limit else { return text }
    var text = text
    while !text.isEmpty, width(text + "…", size: size) > limit { text.removeLast() }
    return text + "…"
  }

  /// The text broken at spaces into lines no wider than `limit`; a longer word stands on a line of its own.
  static func lines(_ text: String, size: Double, limit: Double, bold: Bool = false) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, width(last + " " + word, size: size, bold: bold) <= limit {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
