/// Writes the members of an object in the order in which they are encoded.
struct ObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let codingPath: [any CodingKey]
  let node: EncodedNode

  func encodeNil(forKey key: Key) throws { node.member(key.stringValue).set(.null) }
  func encode(_ value: Bool, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: String, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Double, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Float, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Int, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Int8, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Int16, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Int32, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: Int64, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: UInt, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: UInt8, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: UInt16, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: UInt32, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode(_ value: UInt64, forKey key: Key) throws { try encoder(key).encode(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder(key).encode(value) }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    encoder(key).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }

  func superEncoder() -> any Encoder {
    ValueEncoder(codingPath: codingPath + [PathKey.super], node: node.member(PathKey.super.stringValue))
  }

  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

  private func encoder(_ key: Key) -> ValueEncoder {
    ValueEncoder(codingPath: codingPath + [key], node: node.member(key.stringValue))
  }
}
