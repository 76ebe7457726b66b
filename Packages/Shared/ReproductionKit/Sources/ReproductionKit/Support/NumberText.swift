import Foundation

/// Locale-independent text for numbers, the same in every rendering.
enum NumberText {
  /// `value` with a fixed number of decimals, or rounded to `significant` digits with trailing zeros dropped.
  static func text(_ value: Double, decimals: Int? = nil, significant: Int = 4) -> String {
    guard value.isFinite else { return nonFiniteName(value) }
    if let decimals {
      let text = String(format: "%.\(min(max(decimals, 0), 17))f", value)
      return isZero(text) && text.hasPrefix("-") ? String(text.dropFirst()) : text
    }
    if value == 0 { return "0" }
    if value.rounded() == value, abs(value) < 1e9 { return String(Int64(value)) }
    let exponent = Int(floor(log10(abs(value))))
    if exponent < -4 || exponent >= 9 {
      return scientific(value, significant: significant)
    }
    return trimmed(String(format: "%.\(max(0, significant - 1 - exponent))f", value))
  }

  /// `1.234e-05` with trailing zeros of the mantissa dropped.
  static func scientific(_ value: Double, significant: Int) -> String {
    let text = String(format: "%.\(max(0, significant - 1))e", value)
    guard let split = text.firstIndex(of: "e") else { return text }
    return trimmed(String(text[..<split])) + text[split...]
  }

  /// `1.500` becomes `1.5`, `2.0` becomes `2`.
  static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = Substring(text)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : String(text)
  }

  /// The name under which a non-finite number is stored in JSON and shown to people.
  static func nonFiniteName(_ value: Double) -> String {
    value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
  }

  /// `1536` bytes as `1.5 KiB`.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return text(value, decimals: unit == "B" ? 0 : 1) + " " + unit }
      value /= 1024
    }
    return text(value, decimals: 1) + " TiB"
  }

  /// `4000` seconds as `1 h 06 min`, `62.3` as `1 min 02 s`, `0.5` as `0.5 s`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "unknown" }
    if seconds.rounded() < 60 { return text(seconds, decimals: seconds < 10 ? 1 : 0) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
  }

  private static func isZero(_ text: String) -> Bool {
    text.allSatisfy { $0 == "-" || $0 == "0" || $0 == "." }
  }
}
