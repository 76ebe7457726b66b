import Foundation

/// Numbers in running text.
enum NumberFormat {
  /// Three significant digits.
  static func short(_ value: Double) -> String { String(format: "%.3g", value) }
}
