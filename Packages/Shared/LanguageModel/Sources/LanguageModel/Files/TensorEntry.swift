/// One line of a GGUF file's tensor list, with the places of its fields for error messages.
struct TensorEntry {
  let name: String
  let type: TensorType
  let shape: [Int]
  let byteCount: Int
  /// Relative to the beginning of the tensor data.
  let relativeOffset: UInt64
  /// Where the entry and its offset field lie in the file.
  let position: Int
  let offsetPosition: Int

  /// Reads the next entry.
  init(_ reader: inout BinaryReader, index: Int) throws(ModelFileError) {
    position = reader.offset
    name = try reader.string(limit: 1024, "name of tensor \(index)")
    let name = name
    guard !name.isEmpty else {
      throw reader.error(.invalidValue, "name of tensor \(index)", "the name is empty", at: position)
    }
    let rankPosition = reader.offset
    let rank = try reader.integer(UInt32.self, "\(name): number of dimensions")
    guard (1...4).contains(rank) else {
      throw reader.error(
        .invalidValue, "\(name): number of dimensions", "must be 1 to 4, got \(rank)", at: rankPosition)
    }
    let shapePosition = reader.offset
    var shape: [Int] = []
    for dimension in 0..<rank {
      let start = reader.offset
      let length = try reader.integer(UInt64.self, "\(name): dimension \(dimension)")
      guard length > 0, length <= UInt64(Int32.max) else {
        throw reader.error(
          .invalidValue, "\(name): dimension \(dimension)", "must be 1 to \(Int32.max), got \(length)", at: start)
      }
      shape.append(Int(length))
    }
    self.shape = shape
    type = try Self.parseType(&reader, name: name)
    byteCount = try Self.byteCount(type, shape, reader, name: name, at: shapePosition)
    offsetPosition = reader.offset
    relativeOffset = try reader.integer(UInt64.self, "\(name): offset")
  }

  private static func parseType(_ reader: inout BinaryReader, name: String) throws(ModelFileError) -> TensorType {
    let start = reader.offset
    let number = try reader.integer(UInt32.self, "\(name): type")
    if let type = TensorType(rawValue: number) { return type }
    throw reader.error(
      .unsupported, "\(name): type", "tensor type \(number) is not supported", at: start,
      remedy: "use a file in \(TensorType.allCases.map(\.name).joined(separator: ", "))")
  }

  private static func byteCount(
    _ type: TensorType, _ shape: [Int], _ reader: BinaryReader, name: String, at position: Int
  ) throws(ModelFileError) -> Int {
    guard shape[0].isMultiple(of: type.blockSize) else {
      throw reader.error(
        .invalidValue, "\(name): dimension 0",
        "\(shape[0]) is no multiple of the \(type.name) block size \(type.blockSize)",
        at: position)
    }
    var total = type.byteCount(columns: shape[0])
    for length in shape.dropFirst() {
      let (product, overflow) = total.multipliedReportingOverflow(by: length)
      guard !overflow else {
        throw reader.error(.limitExceeded, "\(name): dimensions", "\(shape) is beyond all memory", at: position)
      }
      total = product
    }
    return total
  }

  /// Turns entries into descriptions with absolute offsets, after checking names, alignment, bounds and overlaps.
  static func place(
    _ entries: [TensorEntry], dataStart: Int, alignment: Int, fileSize: Int, _ reader: BinaryReader
  ) throws(ModelFileError) -> [TensorDescription] {
    var names: Set<String> = []
    var descriptions: [TensorDescription] = []
    descriptions.reserveCapacity(entries.count)
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw reader.error(.duplicate, entry.name, "the tensor appears twice", at: entry.position)
      }
      let field = "\(entry.name): offset"
      guard entry.relativeOffset.isMultiple(of: UInt64(alignment)) else {
        throw reader.error(
          .misplaced, field, "\(entry.relativeOffset) is no multiple of the alignment \(alignment)",
          at: entry.offsetPosition)
      }
      let available = max(0, fileSize - dataStart)
      guard entry.byteCount <= available, entry.relativeOffset <= UInt64(available - entry.byteCount) else {
        throw reader.error(
          .truncated, field,
          "\(entry.byteCount) bytes from byte \(entry.relativeOffset) of the data on reach beyond the end of the file",
          at: entry.offsetPosition, remedy: "the file is incomplete: fetch it again")
      }
      descriptions.append(
        TensorDescription(
          name: entry.name, type: entry.type, shape: entry.shape, byteCount: entry.byteCount,
          offset: dataStart + Int(entry.relativeOffset)))
    }
    try checkOverlaps(entries, descriptions, reader)
    return descriptions
  }

  private static func checkOverlaps(
    _ entries: [TensorEntry], _ descriptions: [TensorDescription], _ reader: BinaryReader
  ) throws(ModelFileError) {
    let order = descriptions.indices.sorted { descriptions[$0].offset < descriptions[$1].offset }
    for (first, second) in zip(order, order.dropFirst()) {
      guard descriptions[first].offset + descriptions[first].byteCount > descriptions[second].offset else { continue }
      throw reader.error(
        .misplaced, "\(descriptions[second].name): offset", "the data overlaps \(descriptions[first].name)",
        at: entries[second].offsetPosition)
    }
  }
}
