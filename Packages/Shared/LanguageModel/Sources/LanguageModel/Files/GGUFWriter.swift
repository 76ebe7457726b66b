import FileKit
import Foundation
import TinyTensor

/// Writes GGUF files (version 3): any metadata, any tensors, in the order in which they were added.
///
/// ```swift
/// var writer = GGUFWriter(metadata: original.metadata)
/// try writer.add(.query(layer: 0), weights, as: .q8_0)
/// try writer.write(to: url)
/// ```
public struct GGUFWriter: Sendable {
  /// The longest tensor name that other programs read, in bytes.
  private static let nameLimit = 63

  /// The metadata, in the order in which they will be written.
  public var metadata: ModelMetadata
  private var tensors: [(name: String, shape: [Int], matrix: QuantizedMatrix)] = []

  /// A writer for a file with the given metadata, to which more can be added.
  public init(metadata: ModelMetadata = ModelMetadata()) { self.metadata = metadata }

  /// Adds a matrix as it is, whatever its format; one of a single row is written as a vector.
  public mutating func add(_ name: String, _ matrix: QuantizedMatrix) {
    tensors.append((name, matrix.rows == 1 ? [matrix.columns] : [matrix.columns, matrix.rows], matrix))
  }

  /// Adds a tensor of another file as it is, in its own shape.
  mutating func add(_ description: TensorDescription, _ matrix: QuantizedMatrix) {
    tensors.append((description.name, description.shape, matrix))
  }

  /// Adds a tensor of one to four dimensions in the given format.
  ///
  /// - Throws: ``QuantizationError`` if the weights do not fit the format.
  public mutating func add(_ name: String, _ tensor: Tensor, as type: TensorType) throws(QuantizationError) {
    precondition((1...4).contains(tensor.rank), "GGUF tensors have one to four dimensions, got \(tensor.shape)")
    let columns = tensor.shape[tensor.rank - 1]
    let matrix = try QuantizedMatrix(quantizing: tensor.reshaped([tensor.count / max(columns, 1), columns]), as: type)
    tensors.append((name, tensor.shape.reversed(), matrix))
  }

  /// Adds one of a Llama model's own tensors as it is.
  public mutating func add(_ tensor: LlamaTensor, _ matrix: QuantizedMatrix) { add(tensor.name, matrix) }

  /// Adds one of a Llama model's own tensors in the given format.
  ///
  /// - Throws: ``QuantizationError`` if the weights do not fit the format.
  public mutating func add(
    _ tensor: LlamaTensor, _ weights: Tensor, as type: TensorType
  ) throws(QuantizationError) {
    try add(tensor.name, weights, as: type)
  }

  /// Writes the file, under a temporary name first.
  ///
  /// - Throws: ``ModelFileError`` for names that are empty, too long or used twice and for an impossible alignment;
  ///   `FileError` when the file cannot be written.
  public func write(to url: URL) throws {
    let alignment = try checkedAlignment(url)
    let header = try header(url, alignment: alignment)
    try AtomicFile.write(to: url) { file in
      try file.write(Data(header))
      for tensor in tensors {
        try tensor.matrix.withUnsafeBytes { try file.write($0) }
        let padding = (alignment - tensor.matrix.byteCount % alignment) % alignment
        try file.write(Data(count: padding))
      }
    }
  }

  private func header(_ url: URL, alignment: Int) throws(ModelFileError) -> [UInt8] {
    var writer = BinaryWriter()
    writer.integer(GGUFHeader.magic)
    writer.integer(UInt32(3))
    writer.integer(UInt64(tensors.count))
    writer.integer(UInt64(metadata.count))
    for key in metadata.keys {
      guard let value = metadata[key] else { continue }
      guard (1...65_535).contains(key.utf8.count) else {
        throw ModelFileError(.invalidValue, path: url.path, field: key, problem: "a key must have 1 to 65535 bytes")
      }
      writer.string(key)
      writer.value(value)
    }
    var names: Set<String> = []
    var offset = 0
    for (name, shape, matrix) in tensors {
      guard (1...Self.nameLimit).contains(name.utf8.count) else {
        throw ModelFileError(
          .invalidValue, path: url.path, field: name, problem: "a tensor name must have 1 to \(Self.nameLimit) bytes")
      }
      guard names.insert(name).inserted else {
        throw ModelFileError(.duplicate, path: url.path, field: name, problem: "the tensor was added twice")
      }
      writer.string(name)
      writer.integer(UInt32(shape.count))
      for length in shape { writer.integer(UInt64(length)) }
      writer.integer(matrix.type.rawValue)
      writer.integer(UInt64(offset))
      offset += (matrix.byteCount + alignment - 1) / alignment * alignment
    }
    writer.pad(to: alignment)
    return writer.bytes
  }

  private func checkedAlignment(_ url: URL) throws(ModelFileError) -> Int {
    guard let value = metadata[GGUFHeader.alignmentKey] else { return GGUFHeader.defaultAlignment }
    guard let alignment = GGUFHeader.alignment(value) else {
      throw ModelFileError(
        .invalidValue, path: url.path, field: GGUFHeader.alignmentKey, problem: GGUFHeader.alignmentProblem(value))
    }
    return alignment
  }
}
