/// Writes the elements of an array.
struct ArrayEncoder: UnkeyedEncodingContainer {
  let codingPath: [any CodingKey]
  let node: EncodedNode

  var count: Int { node.count }

  func encodeNil() throws { node.append().set(.null) }
  func encode<T: Encodable>(_ value: T) throws { try next().encode(value) }

  func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
    next().container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
  func superEncoder() -> any Encoder { next() }

  private func next() -> ValueEncoder {
    ValueEncoder(codingPath: codingPath + [PathKey(intValue: node.count)], node: node.append())
  }
}
