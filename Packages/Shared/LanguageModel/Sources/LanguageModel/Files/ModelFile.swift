import FileKit
import Foundation

/// A Llama-family model on disk, in either of the two formats that are in use: a GGUF file, or a folder with
/// `config.json`,
/// `model.safetensors` and `tokenizer.json`.
///
/// Opening checks that all tensors are there in the right shapes. The weights stay where they are: ``tensor(_:)`` gives
/// views of the memory-mapped file, under GGUF's names for both formats.
///
/// ```swift
/// let file = try ModelFile(contentsOf: url)
/// let query = try file.tensor(.query(layer: 0))     // [heads · headSize, width], quantised as in the file
/// let tokens = try file.tokenizer().encode("Hello")
/// ```
public struct ModelFile: Sendable {
  /// The container format.
  public enum Format: Sendable, Hashable {
    /// One GGUF file of the given version.
    case gguf(version: Int)
    /// A folder with safetensors files.
    case safetensors
  }

  enum Source: Sendable {
    case gguf(GGUFFile)
    case safetensors(SafetensorsFolder)
  }

  /// Where the model was found: the GGUF file or the folder.
  public let url: URL
  /// The container format.
  public let format: Format
  /// The shape of the model.
  public let config: LlamaConfig
  let source: Source

  /// Opens a GGUF file, or a folder (or the `model.safetensors` or `config.json` in it).
  ///
  /// - Throws: ``ModelFileError`` with file, field and offset of the first thing that is wrong.
  public init(contentsOf url: URL) throws(ModelFileError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw ModelFileError(
        .notFound, path: url.path, problem: "there is no such file or folder",
        remedy: "run `make model` for the default model, or name a .gguf file or a folder with config.json")
    }
    if isFolder.boolValue || ["safetensors", "json"].contains(url.pathExtension) {
      let folder = try SafetensorsFolder(isFolder.boolValue ? url : url.deletingLastPathComponent())
      self.url = folder.url
      format = .safetensors
      config = folder.config
      source = .safetensors(folder)
    } else {
      let file = try GGUFFile(contentsOf: url)
      self.url = url
      format = .gguf(version: file.version)
      config = try LlamaConfig(file)
      source = .gguf(file)
    }
    try checkTensors()
  }

  /// The metadata of a GGUF file; empty for safetensors folders, whose configuration is in ``config`` entirely.
  public var metadata: ModelMetadata {
    switch source {
    case .gguf(let file): file.metadata
    case .safetensors: ModelMetadata()
    }
  }

  /// All tensors under GGUF's names, also those that are no part of a Llama model.
  public var tensors: [TensorDescription] {
    switch source {
    case .gguf(let file): file.tensors
    case .safetensors(let folder): folder.tensors
    }
  }

  /// The description of a tensor by its GGUF name, or nil if there is none.
  public func description(of name: String) -> TensorDescription? {
    switch source {
    case .gguf(let file): file.description(of: name)
    case .safetensors(let folder): folder.description(of: name)
    }
  }

  /// Whether there is a tensor of that GGUF name.
  public func contains(_ name: String) -> Bool { description(of: name) != nil }

  /// A tensor by its GGUF name, as a view of the mapped file; vectors have one row.
  ///
  /// Looks once through all scales (or weights, where there are no scales).
  ///
  /// - Throws: ``ModelFileError``: no such tensor, or a scale or weight that is not finite.
  public func tensor(named name: String) throws(ModelFileError) -> QuantizedMatrix {
    switch source {
    case .gguf(let file): try file.tensor(named: name)
    case .safetensors(let folder): try folder.tensor(named: name)
    }
  }

  /// One of the model's own tensors, as a view of the mapped file; vectors have one row.
  ///
  /// - Throws: ``ModelFileError``: no such tensor, or a scale or weight that is not finite.
  public func tensor(_ tensor: LlamaTensor) throws(ModelFileError) -> QuantizedMatrix {
    try self.tensor(named: tensor.name)
  }

  /// A SHA-256 over the header and the first and last kilobytes of every tensor: what a saved KV cache is tied to.
  ///
  /// It is computed at each call, in some milliseconds, because hashing whole files would take longer than loading
  /// them.
  public var fingerprint: String {
    var hash = SHA256()
    switch source {
    case .gguf(let file): file.updateFingerprint(&hash)
    case .safetensors(let folder): folder.updateFingerprint(&hash)
    }
    return hash.hexDigest()
  }

  private func checkTensors() throws(ModelFileError) {
    guard config.layers <= tensors.count else {
      throw ModelFileError(
        .shapeMismatch, path: url.path, field: "layers",
        problem: "the configuration announces \(config.layers) layers, the file has \(tensors.count) tensors")
    }
    var factored: Set<LlamaTensor> = []
    for layer in isFactored ? 0..<config.layers : 0..<0 {
      for site in LinearSite.allCases {
        let address = LinearAddress(layer: layer, site: site)
        guard let basis = basisName(address) else { continue }
        try checkFactors(address, basis: basis)
        factored.insert(site.tensor(layer: layer))
      }
    }
    for tensor in LlamaTensor.all(in: config) where !factored.contains(tensor) {
      guard let found = description(of: tensor.name) else {
        throw ModelFileError(
          .missing, path: url.path, field: tensor.name, problem: "there is no such tensor",
          remedy: "the file is incomplete or of another model family")
      }
      let expected = tensor.shape(in: config)
      guard found.rows == expected.rows, found.columns == expected.columns else {
        throw ModelFileError(
          .shapeMismatch, path: url.path, field: tensor.name, offset: found.offset,
          problem: "the shape is \(found.rows) × \(found.columns), the configuration says "
            + "\(expected.rows) × \(expected.columns)")
      }
    }
  }
}
