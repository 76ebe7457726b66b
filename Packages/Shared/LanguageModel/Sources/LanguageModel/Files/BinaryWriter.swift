import Foundation

/// Builds the header of a GGUF file: little-endian values one after the other.
struct BinaryWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func string(_ text: String) {
    integer(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// A metadata value: its type number, then the value.
  mutating func value(_ value: MetadataValue) {
    integer(value.type.rawValue)
    switch value {
    case .uint8(let number): integer(number)
    case .int8(let number): integer(number)
    case .uint16(let number): integer(number)
    case .int16(let number): integer(number)
    case .uint32(let number): integer(number)
    case .int32(let number): integer(number)
    case .uint64(let number): integer(number)
    case .int64(let number): integer(number)
    case .float32(let number): integer(number.bitPattern)
    case .float64(let number): integer(number.bitPattern)
    case .bool(let flag): integer(UInt8(flag ? 1 : 0))
    case .string(let text): string(text)
    case .array(let elements): array(elements)
    }
  }

  /// An array: the type number of its elements, their number, the elements.
  private mutating func array(_ elements: MetadataArray) {
    integer(elements.elementType.rawValue)
    integer(UInt64(elements.count))
    switch elements {
    case .uint8(let values): bytes.append(contentsOf: values)
    case .int8(let values): for value in values { integer(value) }
    case .uint16(let values): for value in values { integer(value) }
    case .int16(let values): for value in values { integer(value) }
    case .uint32(let values): for value in values { integer(value) }
    case .int32(let values): for value in values { integer(value) }
    case .uint64(let values): for value in values { integer(value) }
    case .int64(let values): for value in values { integer(value) }
    case .float32(let values): for value in values { integer(value.bitPattern) }
    case .float64(let values): for value in values { integer(value.bitPattern) }
    case .bool(let values): for value in values { integer(UInt8(value ? 1 : 0)) }
    case .string(let values): for value in values { string(value) }
    case .array(let values): for value in values { array(value) }
    }
  }

  /// Zeros up to the next multiple of `alignment`.
  mutating func pad(to alignment: Int) {
    while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
  }
}
