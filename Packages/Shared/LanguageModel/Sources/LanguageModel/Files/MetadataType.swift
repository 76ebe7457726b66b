/// The types of metadata values, numbered as in the GGUF specification.
enum MetadataType: UInt32 {
  case uint8
  case int8
  case uint16
  case int16
  case uint32
  case int32
  case float32
  case bool
  case string
  case array
  case uint64
  case int64
  case float64

  /// The least number of bytes that a value takes in a file.
  var minimumSize: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .string, .uint64, .int64, .float64: 8
    case .array: 12
    }
  }
}
