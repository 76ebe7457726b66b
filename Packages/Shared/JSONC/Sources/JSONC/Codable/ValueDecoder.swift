import Foundation

/// Decodes `Decodable` types from a ``JSONValue``.
struct ValueDecoder: Decoder {
  let value: JSONValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let object) = value else { throw mismatch(JSONObject.self, "an object") }
    return KeyedDecodingContainer(ObjectDecoder<Key>(object: object, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch([JSONValue].self, "an array") }
    return ArrayDecoder(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  /// Decodes `type`, with the representations that this package chose for common Foundation types.
  func unbox<T: Decodable>(as type: T.Type) throws -> T {
    let result: Any?
    switch type {
    case is JSONValue.Type: result = value
    case is Data.Type: result = try decodeData()
    case is URL.Type: result = try decodeURL()
    case is Date.Type: result = try decodeDate()
    // Long lists of numbers without one container call per element.
    case is [Int].Type: result = try decodeList { try $0.integer(Int.self) }
    case is [Double].Type: result = try decodeList { try $0.floatingPoint(Double.self) }
    case is [Float].Type: result = try decodeList { try $0.floatingPoint(Float.self) }
    case is [String].Type: result = try decodeList { try $0.string() }
    default: return try T(from: self)
    }
    if let result = result as? T { return result }
    return try T(from: self)
  }

  private func decodeList<Element>(_ element: (ValueDecoder) throws -> Element) throws -> [Element] {
    guard case .array(let elements) = value else { throw mismatch([Element].self, "an array") }
    return try elements.indices.map { index in
      do {
        return try element(ValueDecoder(value: elements[index], codingPath: codingPath))
      } catch is DecodingError {
        // Again, with the index in the path: building the path for every element would cost more than the element.
        return try element(ValueDecoder(value: elements[index], codingPath: codingPath + [PathKey(intValue: index)]))
      }
    }
  }

  private func decodeData() throws -> Data {
    guard let data = Data(base64Encoded: try string()) else { throw corrupted("expected base64") }
    return data
  }

  private func decodeURL() throws -> URL {
    guard let url = URL(string: try string()) else { throw corrupted("expected a URL") }
    return url
  }

  private func decodeDate() throws -> Date {
    let text = try string()
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    guard let date = try? Date(text, strategy: style) else {
      throw corrupted("expected a date in ISO 8601, such as 2024-05-01T12:00:00Z")
    }
    return date
  }

  // MARK: Scalars

  func string() throws -> String {
    guard case .string(let string) = value else { throw mismatch(String.self, "a string") }
    return string
  }

  func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    let result: T? =
      switch value {
      case .integer(let number): T(exactly: number)
      case .unsigned(let number): T(exactly: number)
      case .number(let number): T(exactly: number)
      default: throw mismatch(type, "a whole number")
      }
    guard let result else {
      throw mismatch(type, "a whole number from \(T.min) to \(T.max)")
    }
    return result
  }

  func floatingPoint<T: BinaryFloatingPoint>(_ type: T.Type) throws -> T {
    guard let double = value.doubleValue else { throw mismatch(type, "a number") }
    let result = T(double)
    guard result.isFinite else { throw mismatch(type, "a number within the range of \(type)") }
    return result
  }

  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "expected \(expected), found \(value.kind)"))
  }

  private func corrupted(_ description: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: "\(description), found \(value.kind)"))
  }
}

extension ValueDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let flag) = value else { throw mismatch(type, "true or false") }
    return flag
  }

  func decode(_ type: String.Type) throws -> String { try string() }
  func decode(_ type: Double.Type) throws -> Double { try floatingPoint(type) }
  func decode(_ type: Float.Type) throws -> Float { try floatingPoint(type) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try unbox(as: type) }
}
