/// A `Double` that survives JSON: finite values are numbers, the others are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
///
/// A diverged training run must leave a readable report, and JSON has no literal for what it measured.
struct JSONNumber: Codable, Sendable, Hashable {
  var value: Double

  init(_ value: Double) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self.value = value
      return
    }
    switch try container.decode(String.self) {
    case "NaN": value = .nan
    case "Infinity": value = .infinity
    case "-Infinity": value = -.infinity
    case let other:
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a number, \"NaN\", \"Infinity\" or \"-Infinity\", got \"\(other)\"")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(NumberText.nonFiniteName(value))
    }
  }
}

extension KeyedEncodingContainer {
  mutating func encodeNumber(_ value: Double, forKey key: Key) throws {
    try encode(JSONNumber(value), forKey: key)
  }

  mutating func encodeNumberIfPresent(_ value: Double?, forKey key: Key) throws {
    try encodeIfPresent(value.map(JSONNumber.init), forKey: key)
  }

  mutating func encodeNumbers(_ values: [Double], forKey key: Key) throws {
    try encode(values.map(JSONNumber.init), forKey: key)
  }
}

extension KeyedDecodingContainer {
  func decodeNumber(forKey key: Key) throws -> Double {
    try decode(JSONNumber.self, forKey: key).value
  }

  func decodeNumberIfPresent(forKey key: Key) throws -> Double? {
    try decodeIfPresent(JSONNumber.self, forKey: key)?.value
  }

  func decodeNumbers(forKey key: Key) throws -> [Double] {
    try decode([JSONNumber].self, forKey: key).map(\.value)
  }
}
