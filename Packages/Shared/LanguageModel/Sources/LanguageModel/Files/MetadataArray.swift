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

  /// The elements' type.
  var elementType: MetadataType {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .string: .string
    case .array: .array
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }
}

extension MetadataArray: CustomStringConvertible {
  /// The number of elements and their type.
  public var description: String { "\(count) × \(elementType)" }
}
