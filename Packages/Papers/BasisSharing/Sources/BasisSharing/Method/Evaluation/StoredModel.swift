import LanguageModel

/// One way to store a model, and what it costs: what users choose between.
public struct StoredModel {
  /// What it is called in tables.
  public let name: String
  /// Bytes of the matrices of the layers, dense ones and factors, as a file holds them.
  public let blockBytes: Int
  /// Loads the model; 8-bit activations unless it says otherwise.
  public let load: () throws -> LlamaModel

  /// A way to store a model.
  public init(name: String, blockBytes: Int, load: @escaping () throws -> LlamaModel) {
    self.name = name
    self.blockBytes = blockBytes
    self.load = load
  }

  /// A file as it is.
  public init(_ file: ModelFile, name: String) {
    self.init(name: name, blockBytes: Self.blockBytes(file)) { try LlamaModel(file) }
  }

  /// The dense matrices of a model rounded to a format.
  public init(_ model: LlamaModel, as type: TensorType) {
    let parameters = ModelShapes(model.config).blockParameters
    self.init(name: "\(type.name) dense", blockBytes: type.byteCount(columns: parameters)) {
      try QuantizedDense.model(model, as: type).model.with(numerics: .fast)
    }
  }

  /// Bytes of the matrices of the layers of a file, dense ones and factors.
  public static func blockBytes(_ file: ModelFile) -> Int {
    file.tensors.filter { $0.name.hasPrefix("share.") || ($0.name.hasPrefix("blk.") && $0.rows > 1) }
      .reduce(0) { $0 + $1.byteCount }
  }

  /// Bytes of everything else in a file: embedding, head and norms.
  public static func otherBytes(_ file: ModelFile) -> Int {
    file.tensors.reduce(0) { $0 + $1.byteCount } - blockBytes(file)
  }

  /// The format of the dense matrices of a file.
  public static func format(of file: ModelFile) -> TensorType {
    file.tensors.first { $0.name == LlamaTensor.up(layer: 0).name }?.type ?? .f32
  }
}
