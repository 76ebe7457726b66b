import Foundation

/// Encodes `Encodable` values into an ``EncodedNode``.
struct ValueEncoder: Encoder {
  let codingPath: [any CodingKey]
  let node: EncodedNode
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(codingPath: [any CodingKey], node: EncodedNode = EncodedNode()) {
    self.codingPath = codingPath
    self.node = node
  }

  /// The ``JSONValue`` of `value`, with the representations that this package chose for common Foundation types.
  func box<T: Encodable>(_ value: T) throws -> JSONValue {
    switch value {
    case let value as JSONValue: return try checked(value)
    case let value as Data: return .string(value.base64EncodedString())
    case let value as URL: return .string(value.absoluteString)
    case let value as Date: return .string(text(of: value))
    case let value as [Int]: return .array(value.map { .integer(Int64($0)) })
    case let value as [String]: return .array(value.map { .string($0) })
    case let value as [Double]: return .array(try value.enumerated().map { try number($1, at: $0) })
    case let value as [Float]: return .array(try value.enumerated().map { try number($1, at: $0) })
    default: break
    }
    try value.encode(to: self)
    return node.value ?? .object(JSONObject())
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeObject()
    return KeyedEncodingContainer(ObjectEncoder<Key>(codingPath: codingPath, node: node))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeArray()
    return ArrayEncoder(codingPath: codingPath, node: node)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  /// The shortest decimal that reads back as the same `value` of its own type (so `0.1 as Float` is `0.1`).
  func number(_ value: some BinaryFloatingPoint & LosslessStringConvertible, at index: Int? = nil) throws -> JSONValue {
    guard value.isFinite, let double = Double(value.description) else {
      let path = index.map { codingPath + [PathKey(intValue: $0)] } ?? codingPath
      throw EncodingError.invalidValue(
        value, .init(codingPath: path, debugDescription: "JSON has no number for \(value)"))
    }
    return .number(double)
  }

  func integer(_ value: some BinaryInteger) throws -> JSONValue {
    guard let result = JSONValue(exactly: value) else {
      throw EncodingError.invalidValue(
        value, .init(codingPath: codingPath, debugDescription: "the integer \(value) does not fit 64 bits"))
    }
    return result
  }

  /// Milliseconds only where there are some.
  private func text(of date: Date) -> String {
    let isWhole = date.timeIntervalSinceReferenceDate.rounded() == date.timeIntervalSinceReferenceDate
    return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: !isWhole))
  }

  private func checked(_ value: JSONValue) throws -> JSONValue {
    switch value {
    case .number(let number) where !number.isFinite: return try self.number(number)
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        _ = try ValueEncoder(codingPath: codingPath + [PathKey(intValue: index)]).checked(element)
      }
    case .object(let members):
      for (key, member) in members {
        _ = try ValueEncoder(codingPath: codingPath + [PathKey(stringValue: key)]).checked(member)
      }
    default: break
    }
    return value
  }
}

extension ValueEncoder: SingleValueEncodingContainer {
  func encodeNil() throws { node.set(.null) }
  func encode(_ value: Bool) throws { node.set(.bool(value)) }
  func encode(_ value: String) throws { node.set(.string(value)) }
  func encode(_ value: Double) throws { node.set(try number(value)) }
  func encode(_ value: Float) throws { node.set(try number(value)) }
  func encode(_ value: Int) throws { node.set(try integer(value)) }
  func encode(_ value: Int8) throws { node.set(try integer(value)) }
  func encode(_ value: Int16) throws { node.set(try integer(value)) }
  func encode(_ value: Int32) throws { node.set(try integer(value)) }
  func encode(_ value: Int64) throws { node.set(try integer(value)) }
  func encode(_ value: UInt) throws { node.set(try integer(value)) }
  func encode(_ value: UInt8) throws { node.set(try integer(value)) }
  func encode(_ value: UInt16) throws { node.set(try integer(value)) }
  func encode(_ value: UInt32) throws { node.set(try integer(value)) }
  func encode(_ value: UInt64) throws { node.set(try integer(value)) }
  func encode<T: Encodable>(_ value: T) throws { node.set(try ValueEncoder(codingPath: codingPath).box(value)) }
}
