import FileKit
import Foundation
import JSONC
import TinyTensor

extension SafeTensors {
  /// The element type of a file to be written.
  public enum Precision: String, Sendable, Codable, Hashable {
    /// Exact.
    case float32
    /// Half the size, 11 significant bits; beyond ±65504 infinite.
    case float16
    /// Half the size, 8 significant bits, full range.
    case bfloat16

    var elementType: ElementType {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      }
    }
  }

  /// Writes a file that PyTorch's safetensors can read: data in the given order, beginning on an 8-byte boundary.
  ///
  /// The file appears under its name only when it is complete.
  /// - Parameters:
  ///   - tensors: names and tensors, names unique.
  ///   - metadata: strings for `__metadata__`; written in the order of their keys.
  ///   - precision: the element type of all tensors.
  public static func write(
    _ tensors: [(String, Tensor)], metadata: [String: String] = [:], to url: URL, precision: Precision = .float32
  ) throws(SafeTensorsError) {
    let header = try header(of: tensors, metadata: metadata, precision: precision, path: url.path)
    do {
      try AtomicFile.write(to: url) { writer in
        try writer.write(header)
        for (_, tensor) in tensors {
          try ElementEncoder.encode(tensor, as: precision).withUnsafeBytes { try writer.write($0) }
        }
      }
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .file(FileError(path: url.path, problem: "\(error)"))
    }
  }

  /// The length and the JSON, padded with spaces.
  private static func header(
    of tensors: [(String, Tensor)], metadata: [String: String], precision: Precision, path: String
  ) throws(SafeTensorsError) -> Data {
    var object = JSONObject()
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
      object[SafeTensorsHeader.metadataKey] = .object(JSONObject(uniqueKeysWithValues: sorted))
    }
    var offset = 0
    for (name, tensor) in tensors {
      guard name != SafeTensorsHeader.metadataKey else { throw .reservedName(path: path, tensor: name) }
      guard object[name] == nil else { throw .duplicateName(path: path, problem: "'\(name)' is written twice") }
      let end = offset + tensor.count * precision.elementType.size
      object[name] = [
        "dtype": .string(precision.elementType.rawValue),
        "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(offset)), .integer(Int64(end))],
      ]
      offset = end
    }
    var text = Data(JSON.serialize(.object(object)).utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    guard text.count <= SafeTensorsHeader.maximumLength else {
      throw .headerTooLarge(path: path, length: UInt64(text.count), limit: SafeTensorsHeader.maximumLength)
    }
    return Swift.withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
  }
}
