import JSONC

/// Reads typed values out of a `config.json`; a missing key or a wrong type is an error that names the key.
struct ConfigReader {
  private let content: JSONValue
  private let path: String

  init(_ content: JSONValue, path: String) {
    self.content = content
    self.path = path
  }

  /// The value of a key; nil when it is missing or null.
  func value(_ key: String) -> JSONValue? {
    guard let value = content[key], value != .null else { return nil }
    return value
  }

  func string(_ key: String) throws(ModelFileError) -> String {
    guard let text = value(key)?.stringValue else { throw wrongType(key, "a text") }
    return text
  }

  func integer(_ key: String) throws(ModelFileError) -> Int {
    guard let number = value(key)?.intValue else { throw wrongType(key, "an integer") }
    return number
  }

  func integerIfPresent(_ key: String) throws(ModelFileError) -> Int? {
    value(key) == nil ? nil : try integer(key)
  }

  func number(_ key: String) throws(ModelFileError) -> Double {
    guard let number = value(key)?.doubleValue else { throw wrongType(key, "a number") }
    return number
  }

  /// A parameter of rotary position embedding, which lies at the top, in `rope_scaling`, or (newer) in
  /// `rope_parameters`.
  func ropeParameter(_ key: String) throws(ModelFileError) -> Double? {
    for holder in [value("rope_parameters"), value("rope_scaling"), content] {
      guard let value = holder?[key], value != .null else { continue }
      guard let number = value.doubleValue else { throw wrongType(key, "a number") }
      return number
    }
    return nil
  }

  /// The kind of RoPE scaling, `"default"` when there is none.
  var ropeKind: String {
    for holder in [value("rope_parameters"), value("rope_scaling")] {
      if let kind = (holder?["rope_type"] ?? holder?["type"])?.stringValue { return kind }
    }
    return "default"
  }

  func error(
    _ kind: ModelFileError.Kind, _ key: String, _ problem: String, remedy: String = ""
  ) -> ModelFileError {
    ModelFileError(kind, path: path, field: key, problem: problem, remedy: remedy)
  }

  private func wrongType(_ key: String, _ expected: String) -> ModelFileError {
    guard let value = value(key) else { return error(.missing, key, "there is no such key") }
    return error(.invalidValue, key, "must be \(expected), got \(JSON.serialize(value).prefix(60))")
  }
}
