import LanguageModel
import TinyTensor

/// Random models built in memory: large enough to have every shape that matters (grouped heads, several pages, odd rows).
enum TinyLlama {
  static func config(
    layers: Int = 3, heads: Int = 6, kvHeads: Int = 2, headSize: Int = 16, pairing: RopePairing = .interleaved,
    qkvBias: Bool = false, tied: Bool = true
  ) -> LlamaConfig {
    LlamaConfig(
      architecture: qkvBias ? "qwen2" : "llama", name: "tiny", layers: layers, width: 96, heads: heads,
      kvHeads: kvHeads, headSize: headSize, feedForward: 160, vocabulary: 203, context: 1024, ropePairing: pairing,
      tiedEmbedding: tied, qkvBias: qkvBias)
  }

  static func matrix(_ tensor: LlamaTensor, _ config: LlamaConfig, _ type: TensorType) throws -> QuantizedMatrix {
    let shape = tensor.shape(in: config)
    var random = Philox(seed: 7, stream: tensor.name)
    if shape.rows == 1 {
      let weights = Tensor.uniform([1, shape.columns], in: 0.5...1.5, using: &random)
      return try QuantizedMatrix(quantizing: weights, as: .f32)
    }
    let deviation = 1.5 / Float(shape.columns).squareRoot()
    let weights = Tensor.normal([shape.rows, shape.columns], standardDeviation: deviation, using: &random)
    return try QuantizedMatrix(quantizing: weights, as: type)
  }

  static func make(
    _ config: LlamaConfig = config(), type: TensorType = .q4_1, embedding: TensorType = .q8_0,
    options: ModelOptions = .exact
  ) throws -> LlamaModel {
    try LlamaModel(config: config, fingerprint: "tiny-\(type.name)", options: options) { tensor in
      switch tensor {
      case .tokenEmbedding, .output: try matrix(tensor, config, embedding)
      default: try matrix(tensor, config, type)
      }
    }
  }

  /// Reproducible token ids.
  static func tokens(_ count: Int, seed: UInt64 = 1, vocabulary: Int = 203) -> [Int32] {
    var random = Philox(seed: seed, stream: "tokens")
    return (0..<count).map { _ in Int32(random.next(below: vocabulary)) }
  }
}

/// The largest difference of two tensors of the same shape.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
  zip(a.scalars, b.scalars).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
