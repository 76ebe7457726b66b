import Foundation

/// One measured number with its unit and, where it was repeated over seeds, its spread.
///
/// Named so that it does not collide with `Foundation.Measurement`.
public struct MeasuredValue: Sendable, Hashable {
  /// The number. May be NaN when the measurement diverged; a claim about NaN fails.
  public var value: Double
  /// The unit, such as `%`, `ms`, `MMAC`; empty for a pure number.
  public var unit: String
  /// What was measured, shown where a claim holds several values; empty when obvious.
  public var label: String
  /// Standard deviation over the repetitions, in the same unit.
  public var spread: Double?
  /// Number of repetitions behind `value` and `spread`.
  public var samples: Int?
  /// Decimals to print; `nil` prints four significant digits.
  public var decimals: Int?

  /// A measured number.
  public init(
    _ value: Double, unit: String = "", label: String = "", spread: Double? = nil, samples: Int? = nil,
    decimals: Int? = nil
  ) {
    self.value = value
    self.unit = unit
    self.label = label
    self.spread = spread
    self.samples = samples
    self.decimals = decimals
  }

  /// The mean of repeated measurements with their sample standard deviation.
  public init(samples values: [Double], unit: String = "", label: String = "", decimals: Int? = nil) {
    self.init(
      Statistics.mean(values), unit: unit, label: label,
      spread: values.count > 1 ? Statistics.standardDeviation(values) : nil, samples: values.count, decimals: decimals)
  }

  /// A yes/no observation, for ``Criterion/isTrue``.
  public init(truth: Bool, label: String = "") {
    self.init(truth ? 1 : 0, unit: Self.truthUnit, label: label)
  }

  /// The unit that marks a yes/no observation.
  static let truthUnit = "yes/no"

  /// The number with spread and unit, such as `91.73 ± 0.12 % (3 runs)`.
  public var text: String {
    if unit == Self.truthUnit { return value == 1 ? "yes" : value == 0 ? "no" : "undefined" }
    var text = NumberText.text(value, decimals: decimals)
    if let spread {
      text += " ± " + NumberText.text(spread, decimals: decimals, significant: 2)
    }
    if !unit.isEmpty { text += unit == "×" ? "×" : " " + unit }
    if let samples, samples > 1 { text += " (\(samples) runs)" }
    return text
  }

  /// ``text`` preceded by the label.
  public var labelledText: String {
    label.isEmpty ? text : "\(label): \(text)"
  }
}

extension MeasuredValue: Codable {
  private enum CodingKeys: String, CodingKey {
    case label, value, unit, spread, samples, decimals
  }

  /// Reads a value as written in `report.json`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decodeNumber(forKey: .value),
      unit: try container.decodeIfPresent(String.self, forKey: .unit) ?? "",
      label: try container.decodeIfPresent(String.self, forKey: .label) ?? "",
      spread: try container.decodeNumberIfPresent(forKey: .spread),
      samples: try container.decodeIfPresent(Int.self, forKey: .samples),
      decimals: try container.decodeIfPresent(Int.self, forKey: .decimals))
  }

  /// Writes non-finite numbers as strings, since JSON has no literal for them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !label.isEmpty { try container.encode(label, forKey: .label) }
    try container.encodeNumber(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encodeNumberIfPresent(spread, forKey: .spread)
    try container.encodeIfPresent(samples, forKey: .samples)
    try container.encodeIfPresent(decimals, forKey: .decimals)
  }
}
