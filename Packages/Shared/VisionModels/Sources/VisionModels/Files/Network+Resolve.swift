import Foundation

extension Network {
  /// What a user may mean by a word on the command line: a checkpoint file or the name of a model.
  /// - Parameters:
  ///   - text: a path of an existing file, or a name for ``Models/named(_:classes:)``.
  ///   - model: the graph of a checkpoint that does not describe itself.
  ///   - classes: number of classes of a model given by name.
  /// - Throws: ``NetworkError/unknownModel(_:known:)`` if it is neither.
  public static func resolve(_ text: String, model: String? = nil, classes: Int = 10) throws(NetworkError) -> Network {
    if FileManager.default.fileExists(atPath: text) {
      return try Network(loading: URL(filePath: text), model: model)
    }
    guard !text.contains("/"), !text.hasSuffix(".safetensors") else {
      throw .invalidFile(path: text, detail: "there is no such file; give a checkpoint or a model name")
    }
    return try Models.named(text, classes: classes)
  }
}
