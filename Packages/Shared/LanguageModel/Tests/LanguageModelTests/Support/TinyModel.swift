import Foundation
import LanguageModel
import TinyTensor

/// Models of a few thousand random weights, written by the package's own writer.
enum TinyModel {
  /// The tokens of the smallest vocabulary: three letters, their merges, two control tokens.
  static let tokens = ["a", "b", "c", "ab", "abc", "Ġ", "<|im_start|>", "<|im_end|>"]

  static func config(layers: Int = 1, vocabulary: Int = tokens.count, qwen: Bool = false) -> LlamaConfig {
    LlamaConfig(
      architecture: qwen ? "qwen2" : "llama", name: "tiny", layers: layers, width: 32, heads: 2, kvHeads: 1,
      headSize: 16, feedForward: 32, vocabulary: vocabulary, context: 64, ropePairing: qwen ? .halfSplit : .interleaved,
      qkvBias: qwen)
  }

  /// Random weights for a tensor, the same for the same name.
  static func weights(_ tensor: LlamaTensor, _ config: LlamaConfig) -> Tensor {
    let shape = tensor.shape(in: config)
    var random = Philox(seed: 1, stream: tensor.name)
    return Tensor.uniform([shape.rows, shape.columns], in: -0.5...0.5, using: &random)
  }

  /// A complete GGUF file.
  static func writer(
    _ config: LlamaConfig = config(), type: TensorType = .q8_0, leavingOut missing: LlamaTensor? = nil
  ) throws -> GGUFWriter {
    var writer = GGUFWriter()
    try writer.setConfig(config)
    writer.metadata["tokenizer.ggml.model"] = .string("gpt2")
    writer.metadata["tokenizer.ggml.pre"] = .string("smollm")
    writer.metadata["tokenizer.ggml.tokens"] = .array(.string(tokens))
    writer.metadata["tokenizer.ggml.token_type"] = .array(.int32([1, 1, 1, 1, 1, 1, 3, 3]))
    writer.metadata["tokenizer.ggml.merges"] = .array(.string(["a b", "ab c"]))
    writer.metadata["tokenizer.ggml.eos_token_id"] = .uint32(7)
    writer.metadata["tokenizer.chat_template"] = .string("<|im_start|>{{ role }}\n{{ content }}<|im_end|>\n")
    for tensor in LlamaTensor.all(in: config) where tensor != missing {
      let weights = weights(tensor, config)
      let isVector = weights.shape[0] == 1
      try writer.add(tensor, isVector ? weights.reshaped([-1]) : weights, as: isVector ? .f32 : type)
    }
    return writer
  }

  /// The bytes of the smallest complete file.
  static func bytes(in folder: TemporaryFolder, type: TensorType = .q8_0) throws -> [UInt8] {
    let url = folder.file("tiny.gguf")
    try writer(type: type).write(to: url)
    return try Array(Data(contentsOf: url))
  }
}
