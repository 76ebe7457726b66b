import Foundation
import JSONC

extension LlamaConfig {
  /// The configuration in a `config.json` of the Hugging Face library, checked for contradictions.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - tensorNames: The names of the tensors beside it, which tell whether there are biases.
  init(huggingFace url: URL, tensorNames: Set<String>) throws(ModelFileError) {
    let file = ConfigReader(try SafetensorsFolder.parse(url), path: url.path)
    let family = try file.string("model_type")
    guard ["llama", "qwen2", "mistral"].contains(family) else {
      throw file.error(
        .unsupported, "model_type", "the model type \"\(family)\" is not supported",
        remedy: "use a Llama, Mistral, Qwen2 or SmolLM2 model")
    }
    if let activation = file.value("hidden_act")?.stringValue, activation != "silu" {
      throw file.error(.unsupported, "hidden_act", "the activation \"\(activation)\" is not supported, only silu")
    }
    if file.value("mlp_bias")?.boolValue == true {
      throw file.error(.unsupported, "mlp_bias", "biases in the feed-forward network are not supported")
    }
    if tensorNames.contains("model.layers.0.self_attn.o_proj.bias") {
      throw file.error(.unsupported, "attention_bias", "a bias of the attention output is not supported")
    }
    let heads = try file.integer("num_attention_heads")
    let width = try file.integer("hidden_size")
    let usesWindow = file.value("use_sliding_window")?.boolValue ?? (family == "mistral")
    self.init(
      architecture: family,
      name: url.deletingLastPathComponent().lastPathComponent,
      layers: try file.integer("num_hidden_layers"),
      width: width,
      heads: heads,
      kvHeads: try file.integerIfPresent("num_key_value_heads") ?? heads,
      headSize: try file.integerIfPresent("head_dim") ?? (heads > 0 ? width / heads : 0),
      feedForward: try file.integer("intermediate_size"),
      vocabulary: try file.integer("vocab_size"),
      context: try file.integer("max_position_embeddings"),
      rmsEpsilon: Float(try file.number("rms_norm_eps")),
      ropeBase: Float(try file.ropeParameter("rope_theta") ?? 10_000),
      ropePairing: .halfSplit,
      tiedEmbedding: file.value("tie_word_embeddings")?.boolValue ?? false,
      qkvBias: tensorNames.contains(LlamaTensor.queryBias(layer: 0).huggingFaceName),
      slidingWindow: usesWindow ? try file.integerIfPresent("sliding_window") : nil)
    try checkFlaws(file)
    ropeFrequencyFactors = try RopeScaling.frequencyFactors(file, base: ropeBase, headSize: headSize)
    try checkFlaws(file)
  }

  private func checkFlaws(_ file: ConfigReader) throws(ModelFileError) {
    if let flaw { throw file.error(.invalidValue, Self.huggingFaceKeys[flaw.property] ?? flaw.property, flaw.problem) }
  }

  private static let huggingFaceKeys = [
    "layers": "num_hidden_layers", "width": "hidden_size", "heads": "num_attention_heads",
    "kvHeads": "num_key_value_heads", "headSize": "head_dim", "feedForward": "intermediate_size",
    "vocabulary": "vocab_size", "context": "max_position_embeddings", "rmsEpsilon": "rms_norm_eps",
    "ropeBase": "rope_theta", "ropeFrequencyFactors": "rope_scaling", "slidingWindow": "sliding_window",
  ]
}
