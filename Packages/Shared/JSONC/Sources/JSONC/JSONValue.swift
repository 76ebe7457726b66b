/// Any JSON value.
///
/// Integers that fit 64 bits stay exact: `1` is ``integer(_:)``, numbers above `Int64.max` are ``unsigned(_:)``, everything
/// written with a point or an exponent is ``number(_:)``.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number from −2⁶³ to 2⁶³ − 1.
  case integer(Int64)
  /// A whole number from 2⁶³ to 2⁶⁴ − 1; smaller ones are always ``integer(_:)``. Made by ``init(exactly:)``.
  case unsigned(UInt64)
  /// A number with a fraction or an exponent. Never NaN or infinite in a parsed document.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, its members in the order of the document.
  case object(JSONObject)

  /// A whole number: ``integer(_:)`` where it fits, else ``unsigned(_:)``; `nil` outside −2⁶³ … 2⁶⁴ − 1.
  public init?(exactly value: some BinaryInteger) {
    if let signed = Int64(exactly: value) {
      self = .integer(signed)
    } else if let unsigned = UInt64(exactly: value) {
      self = .unsigned(unsigned)
    } else {
      return nil
    }
  }

  /// The string, if this is one.
  public var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The truth value, if this is one.
  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number as `Double`, if this is a number; large integers are rounded.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The number as `Int`, if this is a number without a fraction that fits.
  public var intValue: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .unsigned(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The elements, if this is an array.
  public var arrayValue: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members, if this is an object.
  public var objectValue: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The member `key` of an object; `nil` for other values and for a missing member. Setting a member of anything that is
  /// not an object replaces it by an object; setting `nil` removes the member.
  public subscript(key: String) -> JSONValue? {
    get { objectValue?[key] }
    set {
      var object = objectValue ?? JSONObject()
      object[key] = newValue
      self = .object(object)
    }
  }

  /// The element at `index` of an array; `nil` for other values and outside the bounds.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What kind of value this is, for messages: `"an array"`, `"the number 3"`, …
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "the number \(value)"
    case .unsigned(let value): "the number \(value)"
    case .number(let value): "the number \(value)"
    case .string(let value): value.count > 40 ? "a string" : "the string \"\(value)\""
    case .array: "an array"
    case .object: "an object"
    }
  }
}
