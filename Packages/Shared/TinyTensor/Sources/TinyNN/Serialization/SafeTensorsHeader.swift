import Foundation
import JSONC

/// The checked header of a safetensors file.
struct SafeTensorsHeader {
  /// Sorted by offset, without gaps and overlaps.
  let entries: [SafeTensors.Entry]
  let metadata: [String: String]
  /// Where the data begin in the file.
  let dataStart: Int

  static let metadataKey = "__metadata__"
  /// The format's own limit.
  static let maximumLength = 100_000_000

  /// Reads the header of a file whose whole content is `bytes`.
  init(reading bytes: UnsafeRawBufferPointer, path: String) throws(SafeTensorsError) {
    guard bytes.count >= 8 else { throw .truncatedLength(path: path, bytes: bytes.count) }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.maximumLength) else {
      throw .headerTooLarge(path: path, length: length, limit: Self.maximumLength)
    }
    let available = bytes.count - 8
    guard length <= UInt64(available) else {
      throw .headerBeyondFile(path: path, length: length, available: available)
    }
    dataStart = 8 + Int(length)
    let reader = HeaderReader(path: path, available: bytes.count - dataStart)
    let object = try reader.parse(Data(bytes[8..<dataStart]))
    var metadata: [String: String] = [:]
    var entries: [SafeTensors.Entry] = []
    for (name, value) in object {
      if name == Self.metadataKey {
        metadata = try reader.metadata(value)
      } else {
        entries.append(try reader.entry(name, value))
      }
    }
    self.metadata = metadata
    self.entries = try reader.contiguous(entries)
  }
}

/// Turns the JSON of a header into checked entries.
private struct HeaderReader {
  let path: String
  /// Bytes of tensor data in the file.
  let available: Int

  func parse(_ text: Data) throws(SafeTensorsError) -> JSONObject {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSON.parse(text, limits: JSONLimits(maximumDepth: 16))
    } catch {
      // JSONC refuses duplicate keys while parsing; for a checkpoint they deserve their own error.
      if error.reason.hasSuffix("appears twice in one object") {
        throw .duplicateName(path: path, problem: "\(error)")
      }
      throw .invalidHeader(path: path, problem: "\(error)")
    }
    guard case .object(let object) = value else { throw .headerNotObject(path: path) }
    return object
  }

  func metadata(_ value: JSONValue) throws(SafeTensorsError) -> [String: String] {
    guard case .object(let object) = value else {
      throw .invalidMetadata(path: path, key: SafeTensorsHeader.metadataKey)
    }
    var result: [String: String] = [:]
    for (key, value) in object {
      guard case .string(let text) = value else { throw .invalidMetadata(path: path, key: key) }
      result[key] = text
    }
    return result
  }

  func entry(_ name: String, _ value: JSONValue) throws(SafeTensorsError) -> SafeTensors.Entry {
    func invalid(_ problem: String) -> SafeTensorsError { .invalidEntry(path: path, tensor: name, problem: problem) }
    guard case .object(let fields) = value else { throw invalid("the description must be an object") }
    guard case .string(let typeName)? = fields["dtype"] else { throw invalid("'dtype' must be a string") }
    guard case .array(let dimensions)? = fields["shape"] else { throw invalid("'shape' must be a list") }
    guard case .array(let offsets)? = fields["data_offsets"], offsets.count == 2,
      case .integer(let begin) = offsets[0], case .integer(let end) = offsets[1]
    else { throw invalid("'data_offsets' must be a list of two whole numbers") }
    for key in fields.keys where !["dtype", "shape", "data_offsets"].contains(key) {
      throw invalid("unknown field '\(key)'")
    }
    guard let type = SafeTensors.ElementType(rawValue: typeName) else {
      throw .unsupportedType(path: path, tensor: name, type: typeName)
    }
    let shape = try shape(dimensions, tensor: name)
    let expected = try byteCount(shape, type, tensor: name)
    guard begin >= 0, end >= begin, end <= Int64(available) else {
      throw .offsetsOutOfRange(path: path, tensor: name, begin: begin, end: end, available: available)
    }
    guard Int(end - begin) == expected else {
      throw .sizeMismatch(path: path, tensor: name, shape: shape, expected: expected, found: Int(end - begin))
    }
    return SafeTensors.Entry(name: name, type: type, shape: shape, bytes: Int(begin)..<Int(end))
  }

  private func shape(_ dimensions: [JSONValue], tensor: String) throws(SafeTensorsError) -> [Int] {
    var shape: [Int] = []
    for dimension in dimensions {
      guard case .integer(let length) = dimension, length >= 0 else {
        throw .invalidShape(path: path, tensor: tensor)
      }
      shape.append(Int(length))
    }
    return shape
  }

  private func byteCount(
    _ shape: [Int], _ type: SafeTensors.ElementType, tensor: String
  ) throws(SafeTensorsError) -> Int {
    // The other dimensions of an empty tensor must be reasonable too: later operations multiply some of them.
    var product = type.size
    for length in shape where length > 0 {
      let (next, overflows) = product.multipliedReportingOverflow(by: length)
      guard !overflows else { throw .shapeOverflow(path: path, tensor: tensor, shape: shape) }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// Sorts by offset and checks that the tensors cover the data exactly.
  func contiguous(_ entries: [SafeTensors.Entry]) throws(SafeTensorsError) -> [SafeTensors.Entry] {
    let sorted = entries.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = 0
    var previous = ""
    for entry in sorted {
      if entry.bytes.lowerBound > end {
        throw .gap(path: path, tensor: entry.name, offset: end, bytes: entry.bytes.lowerBound - end)
      }
      if entry.bytes.lowerBound < end { throw .overlap(path: path, tensor: entry.name, other: previous) }
      end = entry.bytes.upperBound
      previous = entry.name
    }
    guard end == available else { throw .trailingBytes(path: path, bytes: available - end) }
    return sorted
  }
}
