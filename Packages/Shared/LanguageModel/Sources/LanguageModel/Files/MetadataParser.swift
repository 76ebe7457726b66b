/// Parses metadata values of GGUF files.
enum MetadataParser {
  /// How deep arrays may be nested.
  static let maximumDepth = 8

  /// The next value: its type number, then the value itself.
  static func value(_ reader: inout BinaryReader, field: String) throws(ModelFileError) -> MetadataValue {
    let start = reader.offset
    let number = try reader.integer(UInt32.self, "type of \(field)")
    switch number {
    case 0: return .uint8(try reader.integer(UInt8.self, field))
    case 1: return .int8(try reader.integer(Int8.self, field))
    case 2: return .uint16(try reader.integer(UInt16.self, field))
    case 3: return .int16(try reader.integer(Int16.self, field))
    case 4: return .uint32(try reader.integer(UInt32.self, field))
    case 5: return .int32(try reader.integer(Int32.self, field))
    case 6: return .float32(Float(bitPattern: try reader.integer(UInt32.self, field)))
    case 7: return .bool(try bool(&reader, field: field))
    case 8: return .string(try reader.string(field))
    case 9: return .array(try array(&reader, field: field, depth: 1))
    case 10: return .uint64(try reader.integer(UInt64.self, field))
    case 11: return .int64(try reader.integer(Int64.self, field))
    case 12: return .float64(Double(bitPattern: try reader.integer(UInt64.self, field)))
    default: throw unknownType(number, field, reader, at: start)
    }
  }

  /// The next array: the type number of its elements, their number: u64, the elements.
  private static func array(
    _ reader: inout BinaryReader, field: String, depth: Int
  ) throws(ModelFileError) -> MetadataArray {
    guard depth <= maximumDepth else {
      throw reader.error(.limitExceeded, field, "arrays are nested more than \(maximumDepth) deep")
    }
    let start = reader.offset
    let number = try reader.integer(UInt32.self, "element type of \(field)")
    guard let size = minimumSize(ofType: number) else { throw unknownType(number, field, reader, at: start) }
    let count = try reader.count(minimumSize: size, "length of \(field)")
    switch number {
    case 0: return .uint8(try reader.integers(UInt8.self, count: count, field))
    case 1: return .int8(try reader.integers(Int8.self, count: count, field))
    case 2: return .uint16(try reader.integers(UInt16.self, count: count, field))
    case 3: return .int16(try reader.integers(Int16.self, count: count, field))
    case 4: return .uint32(try reader.integers(UInt32.self, count: count, field))
    case 5: return .int32(try reader.integers(Int32.self, count: count, field))
    case 6: return .float32(try reader.integers(UInt32.self, count: count, field).map { Float(bitPattern: $0) })
    case 7:
      var values: [Bool] = []
      for _ in 0..<count { values.append(try bool(&reader, field: field)) }
      return .bool(values)
    case 8:
      var values: [String] = []
      values.reserveCapacity(count)
      for index in 0..<count { values.append(try reader.string("\(field)[\(index)]")) }
      return .string(values)
    case 9:
      var values: [MetadataArray] = []
      for index in 0..<count { values.append(try array(&reader, field: "\(field)[\(index)]", depth: depth + 1)) }
      return .array(values)
    case 10: return .uint64(try reader.integers(UInt64.self, count: count, field))
    case 11: return .int64(try reader.integers(Int64.self, count: count, field))
    default: return .float64(try reader.integers(UInt64.self, count: count, field).map { Double(bitPattern: $0) })
    }
  }

  private static func bool(_ reader: inout BinaryReader, field: String) throws(ModelFileError) -> Bool {
    let start = reader.offset
    switch try reader.integer(UInt8.self, field) {
    case 0: return false
    case 1: return true
    case let byte: throw reader.error(.invalidValue, field, "a truth value must be 0 or 1, got \(byte)", at: start)
    }
  }

  /// The least number of bytes that an element of the type takes; nil for unknown types.
  private static func minimumSize(ofType number: UInt32) -> Int? {
    switch number {
    case 0, 1, 7: 1
    case 2, 3: 2
    case 4, 5, 6: 4
    case 8, 10, 11, 12: 8
    case 9: 12
    default: nil
    }
  }

  private static func unknownType(
    _ number: UInt32, _ field: String, _ reader: BinaryReader, at offset: Int
  ) -> ModelFileError {
    reader.error(.unsupported, field, "metadata type \(number) is unknown, GGUF defines 0 to 12", at: offset)
  }
}
