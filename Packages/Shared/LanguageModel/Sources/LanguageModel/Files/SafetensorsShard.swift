import FileKit
import Foundation
import JSONC

/// One mapped safetensors file: the header's length as u64, a JSON object with type, shape and place of each tensor,
/// the data.
///
/// Unlike TinyNN's `SafeTensors`, which loads tensors as `Float`, this gives views of the file in its own precision.
struct SafetensorsShard: Sendable {
  private static let headerLimit = 100_000_000

  let file: MappedFile
  /// The tensors in types that this package knows; others (integer buffers of old checkpoints) are left out.
  let tensors: [TensorDescription]
  let headerByteCount: Int

  init(contentsOf url: URL) throws(ModelFileError) {
    do throws(FileError) {
      file = try MappedFile(url)
    } catch {
      throw ModelFileError(error)
    }
    let path = url.path
    let mapped = file
    let length = try mapped.withUnsafeBytes { bytes throws(ModelFileError) in
      var reader = BinaryReader(bytes, path: path)
      return try reader.count(minimumSize: 1, "header length")
    }
    guard length <= Self.headerLimit else {
      throw ModelFileError(
        .limitExceeded, path: path, field: "header length", offset: 0,
        problem: "\(length) bytes, at most \(Self.headerLimit) are allowed")
    }
    headerByteCount = 8 + length
    let header: JSONValue
    do throws(JSONError) {
      header = try JSON.parse(mapped.data(in: 8..<headerByteCount))
    } catch {
      throw ModelFileError(.invalidValue, path: path, field: "header", offset: 8, problem: "\(error)")
    }
    guard let entries = header.objectValue else {
      throw ModelFileError(.invalidValue, path: path, field: "header", offset: 8, problem: "must be a JSON object")
    }
    var tensors: [TensorDescription] = []
    for (name, entry) in entries where name != "__metadata__" {
      let parser = EntryParser(name: name, entry: entry, path: path, dataStart: headerByteCount, fileSize: mapped.count)
      if let tensor = try parser.parse() { tensors.append(tensor) }
    }
    try Self.checkOverlaps(tensors, path: path)
    self.tensors = tensors
  }

  private static func checkOverlaps(_ tensors: [TensorDescription], path: String) throws(ModelFileError) {
    let sorted = tensors.sorted { $0.offset < $1.offset }
    for (first, second) in zip(sorted, sorted.dropFirst()) where first.offset + first.byteCount > second.offset {
      throw ModelFileError(
        .misplaced, path: path, field: "\(second.name): data_offsets", offset: second.offset,
        problem: "the data overlaps \(first.name)")
    }
  }

  /// Parses one tensor's entry of the header.
  private struct EntryParser {
    let name: String
    let entry: JSONValue
    let path: String
    let dataStart: Int
    let fileSize: Int

    /// The tensor, or nil when its type is none of ours.
    func parse() throws(ModelFileError) -> TensorDescription? {
      guard let typeName = entry["dtype"]?.stringValue else { throw error("dtype", "must be a text") }
      guard let type = ["F32": TensorType.f32, "F16": .f16, "BF16": .bf16][typeName] else { return nil }
      let shape = try integers("shape")
      let range = try integers("data_offsets")
      guard shape.count <= 4, shape.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
        throw error("shape", "must be up to four positive lengths, got \(shape)")
      }
      var byteCount = type.bytesPerBlock
      for length in shape {
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
        guard !overflow else { throw error("shape", "\(shape) is beyond all memory") }
        byteCount = product
      }
      guard range.count == 2, range[0] >= 0, range[1] >= range[0], range[1] - range[0] == byteCount else {
        throw error("data_offsets", "\(range) are not the \(byteCount) bytes of shape \(shape) in \(typeName)")
      }
      guard range[1] <= fileSize - dataStart else {
        throw error("data_offsets", "\(range) reach beyond the end of the file", kind: .truncated)
      }
      return TensorDescription(
        name: name, type: type, shape: shape.isEmpty ? [1] : shape.reversed(), byteCount: byteCount,
        offset: dataStart + range[0])
    }

    private func integers(_ key: String) throws(ModelFileError) -> [Int] {
      guard let values = entry[key]?.arrayValue, case let integers = values.compactMap(\.intValue),
        integers.count == values.count
      else { throw error(key, "must be an array of integers") }
      return integers
    }

    private func error(
      _ key: String, _ problem: String, kind: ModelFileError.Kind = .invalidValue
    ) -> ModelFileError {
      ModelFileError(kind, path: path, field: "\(name): \(key)", offset: 8, problem: problem)
    }
  }
}
