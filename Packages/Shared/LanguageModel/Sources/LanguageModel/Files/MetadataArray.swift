/// A metadata array of a GGUF file: elements of one type, which may be arrays again.
public enum MetadataArray: Sendable, Hashable {
  /// Unsigned 8-bit integers.
  case uint8([UInt8])
  /// Signed 8-bit integers.
  case int8([Int8])
  /// Unsigned 16-bit integers.
  case uint16([UInt16])
  /// Signed 16-bit integers.
  case int16([Int16])
  /// Unsigned 32-bit integers.
  case uint32([UInt32])
  /// Signed 32-bit integers.
  case int32([Int32])
  /// 32-bit floating-point numbers.
  case float32([Float])
  /// Truth values.
  case bool([Bool])
  /// UTF-8 texts.
  case string([String])
  /// Arrays.
  case array([MetadataArray])
  /// Unsigned 64-bit integers.
  case uint64([UInt64])
  /// Signed 64-bit integers.
  case int64([Int64])
  /// 64-bit floating-point numbers.
  case float64([Double])

  /// The number of elements.
  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .int8(let values): values.count
    case .uint16(let values): values.count
    case .int16(let values): values.count
    case .uint32(let values): values.count
    case .int32(let values): values.count
    case .float32(let values): values.count
    case .bool(let values): values.count
    case .string(let values): values.count
    case .array(let values): values.count
    case .uint64(let values): values.count
    case .int64(let values): values.count
    case .float64(let values): values.count
    }
  }

  /// The elements of an array of integers that all fit into `Int`.
  public var intArray: [Int]? {
    switch self {
    case .uint8(let values): values.map(Int.init)
    case .int8(let values): values.map(Int.init)
    case .uint16(let values): values.map(Int.init)
    case .int16(let values): values.map(Int.init)
    case .uint32(let values): values.map(Int.init)
    case .int32(let values): values.map(Int.init)
    case .int64(let values): values.map(Int.init)
    case .uint64(let values):
      values.allSatisfy { $0 <= UInt64(Int.max) } ? values.map { Int(truncatingIfNeeded: $0) } : nil
    case .float32, .float64, .bool, .string, .array: nil
    }
  }

  /// The elements of an array of numbers, rounded to `Float`.
  public var floatArray: [Float]? {
    switch self {
    case .float32(let values): values
    case .float64(let values): values.map(Float.init)
    default: intArray?.map(Float.init)
    }
  }

  /// The number of the elements' type in the GGUF specification.
  var elementTypeNumber: UInt32 {
    switch self {
    case .uint8: 0
    case .int8: 1
    case .uint16: 2
    case .int16: 3
    case .uint32: 4
    case .int32: 5
    case .float32: 6
    case .bool: 7
    case .string: 8
    case .array: 9
    case .uint64: 10
    case .int64: 11
    case .float64: 12
    }
  }
}

extension MetadataArray: CustomStringConvertible {
  /// The number of elements and their type.
  public var description: String {
    let names = [
      "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array", "uint64", "int64",
      "float64",
    ]
    return "\(count) × \(names[Int(elementTypeNumber)])"
  }
}
