import FileKit
import Foundation
import JSONC

/// A model folder in the layout of the Hugging Face library: `config.json`, the weights in `model.safetensors` or in
/// several files that `model.safetensors.index.json` lists, `tokenizer.json`.
///
/// Tensors go by their GGUF names here, as in ``ModelFile``; names without a counterpart are kept.
struct SafetensorsFolder: Sendable {
  let url: URL
  let config: LlamaConfig
  let tensors: [TensorDescription]
  private let shards: [SafetensorsShard]
  /// Name → the index of the tensor and of the file that holds it.
  private let positions: [String: (tensor: Int, shard: Int)]

  init(_ url: URL) throws(ModelFileError) {
    self.url = url
    let files = try Self.weightFiles(in: url)
    var shards: [SafetensorsShard] = []
    for file in files { shards.append(try SafetensorsShard(contentsOf: file)) }
    let found = Set(shards.flatMap { $0.tensors.map(\.name) })
    let config = try LlamaConfig(huggingFace: url.appendingPathComponent("config.json"), tensorNames: found)

    var names: [String: String] = [:]
    for tensor in LlamaTensor.all(in: config) { names[tensor.huggingFaceName] = tensor.name }
    var tensors: [TensorDescription] = []
    var positions: [String: (tensor: Int, shard: Int)] = [:]
    for (index, shard) in shards.enumerated() {
      for tensor in shard.tensors {
        let name = names[tensor.name] ?? tensor.name
        guard positions.updateValue((tensors.count, index), forKey: name) == nil else {
          throw ModelFileError(
            .duplicate, path: shard.file.url.path, field: tensor.name, offset: tensor.offset,
            problem: "the tensor is in two of the folder's files")
        }
        tensors.append(
          TensorDescription(
            name: name, type: tensor.type, shape: tensor.shape, byteCount: tensor.byteCount, offset: tensor.offset))
      }
    }
    self.config = config
    self.shards = shards
    self.tensors = tensors
    self.positions = positions
  }

  func description(of name: String) -> TensorDescription? { positions[name].map { tensors[$0.tensor] } }

  func tensor(named name: String) throws(ModelFileError) -> QuantizedMatrix {
    guard let position = positions[name] else {
      throw ModelFileError(.missing, path: url.path, field: name, problem: "there is no such tensor")
    }
    return try tensors[position.tensor].matrix(in: shards[position.shard].file)
  }

  func updateFingerprint(_ hash: inout SHA256) {
    if let configuration = try? JSON.encode(config) { hash.update(configuration) }
    for shard in shards {
      shard.file.withUnsafeBytes { bytes in
        hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<shard.headerByteCount]))
        for tensor in shard.tensors { tensor.updateFingerprint(&hash, in: bytes) }
      }
    }
  }

  /// The files that hold the weights: those that the index names, or the single file.
  private static func weightFiles(in folder: URL) throws(ModelFileError) -> [URL] {
    let index = folder.appendingPathComponent("model.safetensors.index.json")
    guard FileManager.default.fileExists(atPath: index.path) else {
      let single = folder.appendingPathComponent("model.safetensors")
      guard FileManager.default.fileExists(atPath: single.path) else {
        throw ModelFileError(
          .notFound, path: folder.path,
          problem: "the folder has no model.safetensors and no model.safetensors.index.json",
          remedy: "name a .gguf file or a folder with config.json, model.safetensors and tokenizer.json")
      }
      return [single]
    }
    let content = try parse(index)
    guard let map = content["weight_map"]?.objectValue, !map.isEmpty else {
      throw ModelFileError(
        .invalidValue, path: index.path, field: "weight_map", problem: "must be an object of tensor and file names")
    }
    var names: Set<String> = []
    for (tensor, file) in map {
      // A file name, not a path: an index must not lead out of its folder.
      guard let name = file.stringValue, !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
        throw ModelFileError(
          .invalidValue, path: index.path, field: "weight_map.\(tensor)",
          problem: "must be the name of a file beside it")
      }
      names.insert(name)
    }
    return names.sorted().map { folder.appendingPathComponent($0) }
  }

  /// The content of a JSON file of the folder.
  static func parse(_ url: URL) throws(ModelFileError) -> JSONValue {
    do throws(JSONError) {
      return try JSON.parse(contentsOf: url)
    } catch {
      throw ModelFileError(.invalidValue, path: url.path, problem: "\(error)")
    }
  }
}
