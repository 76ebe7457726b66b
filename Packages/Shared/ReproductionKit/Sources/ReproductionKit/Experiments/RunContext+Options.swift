extension RunContext {
  /// An option as text, or a default.
  public func option(_ name: String, default value: String) -> String {
    options[name] ?? value
  }

  /// An option as an integer, or a default.
  ///
  /// - Throws: ``RunError/badOption(name:value:expected:)``.
  public func option(_ name: String, default value: Int) throws(RunError) -> Int {
    guard let text = options[name] else { return value }
    guard let number = Int(text) else { throw .badOption(name: name, value: text, expected: "a whole number") }
    return number
  }

  /// An option as a number, or a default.
  ///
  /// - Throws: ``RunError/badOption(name:value:expected:)``.
  public func option(_ name: String, default value: Double) throws(RunError) -> Double {
    guard let text = options[name] else { return value }
    guard let number = Double(text), number.isFinite else {
      throw .badOption(name: name, value: text, expected: "a number")
    }
    return number
  }

  /// An option as `true`/`false` (also `yes`/`no`, `1`/`0`), or a default.
  ///
  /// - Throws: ``RunError/badOption(name:value:expected:)``.
  public func option(_ name: String, default value: Bool) throws(RunError) -> Bool {
    guard let text = options[name] else { return value }
    switch text.lowercased() {
    case "true", "yes", "1": return true
    case "false", "no", "0": return false
    default: throw .badOption(name: name, value: text, expected: "true or false")
    }
  }

  /// An option as one of an enumeration's raw values, or a default.
  ///
  /// - Throws: ``RunError/badOption(name:value:expected:)``.
  public func option<Choice>(_ name: String, default value: Choice) throws(RunError) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    guard let text = options[name] else { return value }
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badOption(name: name, value: text, expected: "one of \(known)")
    }
    return choice
  }
}
