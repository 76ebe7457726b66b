import Foundation
import JSONC
import LanguageModel
import Testing

/// Tokenizers over small-tokenizer.json, a vocabulary of 640 tokens trained with Hugging Face `tokenizers` on the texts
/// of small-golden.json.
enum SmallVocabulary {
  /// The tokenizer with the given `pre_tokenizer` and other changes, read from a folder as users do.
  static func tokenizer(
    preTokenizer: JSONValue, changing change: (inout JSONValue) -> Void = { _ in }
  ) throws -> Tokenizer {
    var content = try TestResource.json("small-tokenizer.json")
    content["pre_tokenizer"] = preTokenizer
    change(&content)
    return try tokenizer(content)
  }

  static func tokenizer(_ content: JSONValue, settings: JSONValue? = nil) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    try ModelFolder.write(to: folder, tokenizer: content, settings: settings)
    return try ModelFile(contentsOf: folder.url).tokenizer()
  }

  /// The tokenizer with SmolLM's pattern.
  static func smollm() throws -> Tokenizer {
    let golden = try TestResource.json("small-golden.json")
    return try tokenizer(preTokenizer: #require(golden["patterns"]?["smollm"]?["pre_tokenizer"]))
  }
}

/// Safetensors folders with a tiny model and a given tokenizer.
enum ModelFolder {
  static func write(to folder: TemporaryFolder, tokenizer: JSONValue, settings: JSONValue? = nil) throws {
    let config = TinyModel.config(vocabulary: 640)
    let entries = LlamaTensor.all(in: config).map { ($0.huggingFaceName, TinyModel.weights($0, config)) }
    try SafetensorsBytes.make(entries).write(to: folder.file("model.safetensors"))
    let configuration: JSONValue = [
      "model_type": "llama", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
      "num_key_value_heads": 1, "intermediate_size": 32, "vocab_size": 640, "max_position_embeddings": 64,
      "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
    ]
    for (name, content) in [("config", configuration), ("tokenizer", tokenizer), ("tokenizer_config", settings)] {
      guard let content else { continue }
      try JSON.serialize(content).write(to: folder.file("\(name).json"), atomically: true, encoding: .utf8)
    }
  }
}
