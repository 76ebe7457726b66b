import FileKit
import Foundation
import TinyTensor

/// A memory-mapped safetensors file: named tensors and metadata, exchangeable with PyTorch.
///
/// Layout: the header's length as little-endian `UInt64`, the header as JSON, the bytes of the tensors. Opening checks the whole
/// header; the data are only touched when a tensor is asked for.
///
/// ```swift
/// let file = try SafeTensors(mapping: url)
/// let weight = try file.tensor("conv1.weight")
/// ```
public struct SafeTensors: Sendable {
  /// The element types that can be read. All become `Float`: 64-bit types are rounded.
  public enum ElementType: String, Sendable, CaseIterable {
    /// `Float`.
    case float32 = "F32"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of a `Float`.
    case bfloat16 = "BF16"
    /// `Double`.
    case float64 = "F64"
    /// `Int8`.
    case int8 = "I8"
    /// `UInt8`.
    case uint8 = "U8"
    /// `Int32`.
    case int32 = "I32"
    /// `Int64`.
    case int64 = "I64"

    /// Bytes per element.
    public var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .float16, .bfloat16: 2
      case .float32, .int32: 4
      case .float64, .int64: 8
      }
    }
  }

  /// What the header says about one tensor.
  public struct Entry: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The element type in the file.
    public let type: ElementType
    /// The shape.
    public let shape: [Int]
    /// Where the bytes are, counted from the end of the header.
    public let bytes: Range<Int>
  }

  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  /// The strings under `__metadata__`.
  public let metadata: [String: String]
  /// The file.
  public var url: URL { file.url }

  private let file: MappedFile
  private let dataStart: Int
  private let positions: [String: Int]

  /// Maps a file and checks its header.
  public init(mapping url: URL) throws(SafeTensorsError) {
    do throws(FileError) {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    let header = try file.withUnsafeBytes { bytes throws(SafeTensorsError) in
      try SafeTensorsHeader(reading: bytes, path: url.path)
    }
    entries = header.entries
    metadata = header.metadata
    dataStart = header.dataStart
    positions = [String: Int](uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
  }

  /// The names in the order of their bytes.
  public var names: [String] { entries.map(\.name) }

  /// What the header says about a tensor; `nil` if there is none of that name.
  public func entry(_ name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// Reads a tensor, converting its elements to `Float`.
  public func tensor(_ name: String) throws(SafeTensorsError) -> Tensor {
    guard let entry = entry(name) else { throw .missingTensor(path: url.path, tensor: name) }
    var result = Tensor(uninitialized: entry.shape)
    withBytes(of: entry) { bytes in
      result.withUnsafeMutableBufferPointer { ElementDecoder.decode(bytes, as: entry.type, into: $0) }
    }
    return result
  }

  /// Reads all tensors.
  public func tensors() throws(SafeTensorsError) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for entry in entries { result[entry.name] = try tensor(entry.name) }
    return result
  }

  /// Lends the bytes of a tensor as they are in the file: little-endian, not necessarily aligned.
  public func withUnsafeBytes<R>(
    of name: String, _ body: (Entry, UnsafeRawBufferPointer) throws(SafeTensorsError) -> R
  ) throws(SafeTensorsError) -> R {
    guard let entry = entry(name) else { throw .missingTensor(path: url.path, tensor: name) }
    return try file.withUnsafeBytes { bytes throws(SafeTensorsError) in
      try body(entry, slice(bytes, entry))
    }
  }

  private func withBytes(of entry: Entry, _ body: (UnsafeRawBufferPointer) -> Void) {
    file.withUnsafeBytes { body(slice($0, entry)) }
  }

  private func slice(_ bytes: UnsafeRawBufferPointer, _ entry: Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound])
  }
}
