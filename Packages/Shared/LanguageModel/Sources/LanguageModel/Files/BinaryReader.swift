/// Reads little-endian values one after the other from the header of a file, checking every length before using it.
struct BinaryReader {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  /// The position of the next value, in bytes from the beginning of the file.
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, path: String, offset: Int = 0) {
    self.bytes = bytes
    self.path = path
    self.offset = offset
  }

  /// How many bytes are left.
  var remaining: Int { bytes.count - offset }

  /// The next integer.
  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ field: @autoclosure () -> String
  ) throws(ModelFileError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else {
      throw error(.truncated, field(), "the file ends here, \(remaining) of \(size) bytes are left")
    }
    defer { offset += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// A number of things, each of which takes `minimumSize` bytes or more of what is left of the file.
  mutating func count(
    minimumSize: Int, _ field: @autoclosure () -> String
  ) throws(ModelFileError) -> Int {
    let start = offset
    let value = try integer(UInt64.self, field())
    guard value <= UInt64(remaining / minimumSize) else {
      throw error(
        .limitExceeded, field(), "\(value) is more than the \(remaining) bytes behind it can hold", at: start)
    }
    return Int(value)
  }

  /// A text: its length in bytes, then UTF-8.
  mutating func string(limit: Int = .max, _ field: @autoclosure () -> String) throws(ModelFileError) -> String {
    let start = offset
    let length = try count(minimumSize: 1, field())
    guard length <= limit else {
      throw error(.limitExceeded, field(), "a text of \(length) bytes, at most \(limit) are allowed", at: start)
    }
    let text = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
    guard let result = String(validating: text, as: UTF8.self) else {
      throw error(.invalidValue, field(), "the text is not valid UTF-8")
    }
    offset += length
    return result
  }

  /// `count` fixed-width values, for which there must be room (``count(minimumSize:_:)``).
  mutating func integers<Value: FixedWidthInteger>(
    _ type: Value.Type, count: Int, _ field: @autoclosure () -> String
  ) throws(ModelFileError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try integer(type, field())) }
    return values
  }

  /// An error at the current or another position.
  func error(
    _ kind: ModelFileError.Kind, _ field: String, _ problem: String, at position: Int? = nil, remedy: String = ""
  ) -> ModelFileError {
    ModelFileError(
      kind, path: path, field: field, offset: position ?? offset, problem: problem, remedy: remedy)
  }
}
