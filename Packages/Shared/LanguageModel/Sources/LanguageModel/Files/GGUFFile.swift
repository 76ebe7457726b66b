import FileKit
import Foundation

/// A GGUF file of any model, mapped into memory: metadata and tensors, without a look at what they mean.
///
/// Opening parses and checks the header only. The weights are not read before they are used, and never copied.
public struct GGUFFile: Sendable {
  private let header: GGUFHeader
  private let file: MappedFile
  private let positions: [String: Int]

  /// Opens the file at `url`.
  ///
  /// - Throws: ``ModelFileError`` with the field and its offset, for whatever is wrong with the header.
  public init(contentsOf url: URL) throws(ModelFileError) {
    do throws(FileError) {
      file = try MappedFile(url)
    } catch {
      throw ModelFileError(error)
    }
    let path = url.path
    header = try file.withUnsafeBytes { bytes throws(ModelFileError) in
      try GGUFHeader(parsing: bytes, path: path)
    }
    var positions: [String: Int] = [:]
    for (index, tensor) in header.tensors.enumerated() { positions[tensor.name] = index }
    self.positions = positions
  }

  /// Where the file was found.
  public var url: URL { file.url }
  /// The size of the file in bytes.
  public var byteCount: Int { file.count }
  /// The version of the format: 2 or 3.
  public var version: Int { header.version }
  /// The alignment of tensor data in bytes.
  public var alignment: Int { header.alignment }
  /// The metadata, in the order of the file.
  public var metadata: ModelMetadata { header.metadata }
  /// The tensors, in the order of the file.
  public var tensors: [TensorDescription] { header.tensors }
  /// The size of metadata and tensor list in bytes.
  var headerByteCount: Int { header.byteCount }

  /// The description of a tensor, or nil if there is none of that name.
  public func description(of name: String) -> TensorDescription? { positions[name].map { header.tensors[$0] } }

  /// The tensor of the given name as a matrix whose rows are all dimensions but the contiguous one.
  ///
  /// The weights are looked through once: a scale or weight that is NaN or infinite makes the tensor unusable.
  ///
  /// - Throws: ``ModelFileError``: no such tensor, or a scale or weight that is not finite.
  public func tensor(named name: String) throws(ModelFileError) -> QuantizedMatrix {
    guard let tensor = description(of: name) else {
      throw ModelFileError(.missing, path: url.path, field: name, problem: "there is no such tensor")
    }
    return try tensor.matrix(in: file)
  }

  /// Feeds the header and a sample of every tensor to `hash`.
  func updateFingerprint(_ hash: inout SHA256) {
    file.withUnsafeBytes { bytes in
      hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<header.byteCount]))
      for tensor in header.tensors { tensor.updateFingerprint(&hash, in: bytes) }
    }
  }
}
