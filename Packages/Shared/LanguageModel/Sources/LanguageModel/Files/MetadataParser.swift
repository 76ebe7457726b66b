/// Parses metadata values of GGUF files.
enum MetadataParser {
  /// How deep arrays may be nested.
  static let maximumDepth = 8

  /// The next value: its type number, then the value itself.
  static func value(_ reader: inout BinaryReader, field: String) throws(ModelFileError) -> MetadataValue {
    switch try nextType(&reader, "type of \(field)", of: field) {
    case .uint8: return .uint8(try reader.integer(UInt8.self, field))
    case .int8: return .int8(try reader.integer(Int8.self, field))
    case .uint16: return .uint16(try reader.integer(UInt16.self, field))
    case .int16: return .int16(try reader.integer(Int16.self, field))
    case .uint32: return .uint32(try reader.integer(UInt32.self, field))
    case .int32: return .int32(try reader.integer(Int32.self, field))
    case .float32: return .float32(Float(bitPattern: try reader.integer(UInt32.self, field)))
    case .bool: return .bool(try bool(&reader, field: field))
    case .string: return .string(try reader.string(field))
    case .array: return .array(try array(&reader, field: field, depth: 1))
    case .uint64: return .uint64(try reader.integer(UInt64.self, field))
    case .int64: return .int64(try reader.integer(Int64.self, field))
    case .float64: return .float64(Double(bitPattern: try reader.integer(UInt64.self, field)))
    }
  }

  /// The next array: the type number of its elements, their number: u64, the elements.
  private static func array(
    _ reader: inout BinaryReader, field: String, depth: Int
  ) throws(ModelFileError) -> MetadataArray {
    guard depth <= maximumDepth else {
      throw reader.error(.limitExceeded, field, "arrays are nested more than \(maximumDepth) deep")
    }
    let type = try nextType(&reader, "element type of \(field)", of: field)
    let count = try reader.count(minimumSize: type.minimumSize, "length of \(field)")
    switch type {
    case .uint8: return .uint8(try reader.integers(UInt8.self, count: count, field))
    case .int8: return .int8(try reader.integers(Int8.self, count: count, field))
    case .uint16: return .uint16(try reader.integers(UInt16.self, count: count, field))
    case .int16: return .int16(try reader.integers(Int16.self, count: count, field))
    case .uint32: return .uint32(try reader.integers(UInt32.self, count: count, field))
    case .int32: return .int32(try reader.integers(Int32.self, count: count, field))
    case .float32: return .float32(try reader.integers(UInt32.self, count: count, field).map { Float(bitPattern: $0) })
    case .bool:
      var values: [Bool] = []
      for _ in 0..<count { values.append(try bool(&reader, field: field)) }
      return .bool(values)
    case .string:
      var values: [String] = []
      values.reserveCapacity(count)
      for index in 0..<count { values.append(try reader.string("\(field)[\(index)]")) }
      return .string(values)
    case .array:
      var values: [MetadataArray] = []
      for index in 0..<count { values.append(try array(&reader, field: "\(field)[\(index)]", depth: depth + 1)) }
      return .array(values)
    case .uint64: return .uint64(try reader.integers(UInt64.self, count: count, field))
    case .int64: return .int64(try reader.integers(Int64.self, count: count, field))
    case .float64: return .float64(try reader.integers(UInt64.self, count: count, field).map { Double(bitPattern: $0) })
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

  /// The type number that follows.
  private static func nextType(
    _ reader: inout BinaryReader, _ what: String, of field: String
  ) throws(ModelFileError) -> MetadataType {
    let start = reader.offset
    let number = try reader.integer(UInt32.self, what)
    guard let type = MetadataType(rawValue: number) else {
      throw reader.error(
        .unsupported, field, "metadata type \(number) is unknown, GGUF defines 0 to 12", at: start)
    }
    return type
  }
}
