import FileKit

/// Everything before the tensor data of a GGUF file: metadata and the list of tensors, checked against the file's size.
///
/// Layout (GGUF versions 2 and 3, little-endian): the magic `GGUF`, version: u32, number of tensors: u64, number of
/// metadata entries: u64; the entries (key, type: u32, value); the tensor list (name, number of dimensions: u32,
/// dimensions: u64 each, type: u32, offset: u64); padding to the alignment; the data, to whose beginning the offsets
/// relate.
struct GGUFHeader: Sendable {
  static let magic: UInt32 = 0x4655_4747
  static let defaultAlignment = 32
  static let alignmentKey = "general.alignment"

  /// The version of the format: 2 or 3.
  let version: Int
  let alignment: Int
  let metadata: ModelMetadata
  let tensors: [TensorDescription]
  /// The size of the header without padding.
  let byteCount: Int

  init(parsing bytes: UnsafeRawBufferPointer, path: String) throws(ModelFileError) {
    var reader = BinaryReader(bytes, path: path)
    version = try Self.parseVersion(&reader)
    let tensorCount = try reader.count(minimumSize: 24, "number of tensors")
    let entryCount = try reader.count(minimumSize: 13, "number of metadata entries")

    var metadata = ModelMetadata()
    var alignment = Self.defaultAlignment
    for index in 0..<entryCount {
      let start = reader.offset
      let key = try reader.string(limit: 65_535, "key \(index)")
      guard !key.isEmpty else { throw reader.error(.invalidValue, "key \(index)", "the key is empty", at: start) }
      guard metadata[key] == nil else { throw reader.error(.duplicate, key, "the key appears twice", at: start) }
      let value = try MetadataParser.value(&reader, field: key)
      if key == Self.alignmentKey {
        guard let given = Self.alignment(value) else {
          throw reader.error(.invalidValue, key, Self.alignmentProblem(value), at: start)
        }
        alignment = given
      }
      metadata[key] = value
    }
    self.metadata = metadata
    self.alignment = alignment

    var entries: [TensorEntry] = []
    entries.reserveCapacity(tensorCount)
    for index in 0..<tensorCount { entries.append(try TensorEntry(&reader, index: index)) }
    byteCount = reader.offset
    let dataStart = (reader.offset + alignment - 1) / alignment * alignment
    tensors = try TensorEntry.place(entries, dataStart: dataStart, alignment: alignment, fileSize: bytes.count, reader)
  }

  private static func parseVersion(_ reader: inout BinaryReader) throws(ModelFileError) -> Int {
    let magic = try reader.integer(UInt32.self, "magic")
    guard magic == Self.magic else {
      throw reader.error(
        .wrongMagic, "magic", "the file does not begin with \"GGUF\"", at: 0,
        remedy: "name a .gguf file or a folder with config.json and model.safetensors")
    }
    let version = try reader.integer(UInt32.self, "version")
    switch version {
    case 2, 3: return Int(version)
    case 1:
      throw reader.error(
        .unsupported, "version", "GGUF version 1 is not supported", at: 4, remedy: "convert the model again")
    case 0x0200_0000, 0x0300_0000:
      throw reader.error(
        .unsupported, "version", "the file is big-endian", at: 4, remedy: "convert the model to little-endian")
    default:
      throw reader.error(.unsupported, "version", "GGUF version \(version), supported are 2 and 3", at: 4)
    }
  }

  /// The alignment that a metadata value gives, if it is a possible one.
  static func alignment(_ value: MetadataValue) -> Int? {
    guard let alignment = value.intValue, (8...65_536).contains(alignment), alignment & (alignment - 1) == 0 else {
      return nil
    }
    return alignment
  }

  static func alignmentProblem(_ value: MetadataValue) -> String {
    "the alignment must be a power of two from 8 to 65536, got \(value)"
  }
}
