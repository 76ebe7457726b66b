/// A metadata value of a GGUF file, in the type that the file gives it.
public enum MetadataValue: Sendable, Hashable {
  /// An unsigned 8-bit integer.
  case uint8(UInt8)
  /// A signed 8-bit integer.
  case int8(Int8)
  /// An unsigned 16-bit integer.
  case uint16(UInt16)
  /// A signed 16-bit integer.
  case int16(Int16)
  /// An unsigned 32-bit integer.
  case uint32(UInt32)
  /// A signed 32-bit integer.
  case int32(Int32)
  /// A 32-bit floating-point number.
  case float32(Float)
  /// A truth value.
  case bool(Bool)
  /// A UTF-8 text.
  case string(String)
  /// A homogeneous array.
  case array(MetadataArray)
  /// An unsigned 64-bit integer.
  case uint64(UInt64)
  /// A signed 64-bit integer.
  case int64(Int64)
  /// A 64-bit floating-point number.
  case float64(Double)

  /// The value of any integer type that fits into `Int`.
  public var intValue: Int? {
    switch self {
    case .uint8(let value): Int(value)
    case .int8(let value): Int(value)
    case .uint16(let value): Int(value)
    case .int16(let value): Int(value)
    case .uint32(let value): Int(value)
    case .int32(let value): Int(value)
    case .uint64(let value): Int(exactly: value)
    case .int64(let value): Int(value)
    case .float32, .float64, .bool, .string, .array: nil
    }
  }

  /// The value of any number type.
  public var doubleValue: Double? {
    switch self {
    case .float32(let value): Double(value)
    case .float64(let value): value
    default: intValue.map(Double.init)
    }
  }

  /// The truth value, if it is one.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The text, if it is one.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The array, if it is one.
  public var arrayValue: MetadataArray? { if case .array(let value) = self { value } else { nil } }
  /// The elements of an array of texts.
  public var stringArray: [String]? { if case .array(.string(let values)) = self { values } else { nil } }
  /// The elements of an array of any integer type.
  public var intArray: [Int]? { arrayValue?.intArray }
  /// The elements of an array of any number type, rounded to `Float`.
  public var floatArray: [Float]? { arrayValue?.floatArray }

  /// The value's type.
  var type: MetadataType {
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

extension MetadataValue: CustomStringConvertible {
  /// The value as text; arrays and long texts are shortened.
  public var description: String {
    switch self {
    case .string(let value):
      value.count <= 80 ? "\"\(value)\"" : "\"\(value.prefix(77))…\""
    case .array(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .float32(let value): "\(value)"
    case .float64(let value): "\(value)"
    default: intValue.map { "\($0)" } ?? "an integer beyond 64 bits"
    }
  }
}
