/// Names that are safe as relative paths below a run's folder.
enum FileName {
  /// Whether `name` is a relative path of ordinary characters without `.`/`..` components.
  static func isSafe(_ name: String) -> Bool {
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.isEmpty && name.utf8.count <= 240
      && components.allSatisfy { component in
        !component.isEmpty && !component.hasPrefix(".")
          && component.unicodeScalars.allSatisfy { isPlain($0) }
      }
  }

  /// Any text as a flat file name: ordinary characters stay, every other byte becomes `%XX`, so that different texts stay different.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      if isPlain(scalar), !(result.isEmpty && scalar == ".") {
        result.unicodeScalars.append(scalar)
      } else {
        result.append("%")
        result.append(digits[Int(byte >> 4)])
        result.append(digits[Int(byte & 15)])
      }
    }
    return result
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", "+", "=": true
    default: false
    }
  }
}
