import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("Safetensors folders")
struct SafetensorsFolderTests {
  private let folder: TemporaryFolder
  private let config: LlamaConfig

  init() throws {
    folder = try TemporaryFolder()
    var config = TinyModel.config(layers: 2, qwen: true)
    config.name = folder.url.lastPathComponent
    self.config = config
  }

  private func write(_ tensors: [LlamaTensor], to name: String = "model.safetensors", config: LlamaConfig) throws {
    let entries = tensors.map { ($0.huggingFaceName, TinyModel.weights($0, config)) }
    try SafetensorsBytes.make(entries).write(to: folder.file(name))
  }

  private func configuration(_ changes: [String: JSONValue] = [:]) throws {
    var values: JSONValue = [
      "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
      "num_key_value_heads": 1, "intermediate_size": 32, "vocab_size": 8, "max_position_embeddings": 64,
      "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true, "sliding_window": 16,
      "use_sliding_window": false,
    ]
    for (key, value) in changes { values[key] = value }
    try JSON.serialize(values).write(to: folder.file("config.json"), atomically: true, encoding: .utf8)
  }

  private func error() throws -> ModelFileError {
    try #require(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: folder.url) }
  }

  @Test("one file: configuration, names and weights")
  func single() throws {
    try write(LlamaTensor.all(in: config), config: config)
    try configuration()
    for url in [folder.url, folder.file("config.json"), folder.file("model.safetensors")] {
      let file = try ModelFile(contentsOf: url)
      #expect(file.format == .safetensors && file.config == config)
      for tensor in LlamaTensor.all(in: config) {
        let matrix = try file.tensor(tensor)
        #expect(matrix.dequantized().scalars == TinyModel.weights(tensor, config).scalars)
      }
      #expect(!file.hasTokenizer)
      #expect(throws: TokenizerError.self) { try file.tokenizer() }
    }
  }

  @Test("several files with an index")
  func sharded() throws {
    let tensors = LlamaTensor.all(in: config)
    try write(Array(tensors[..<9]), to: "a.safetensors", config: config)
    try write(Array(tensors[9...]), to: "b.safetensors", config: config)
    var map = JSONObject()
    for (index, tensor) in tensors.enumerated() {
      map[tensor.huggingFaceName] = .string(index < 9 ? "a.safetensors" : "b.safetensors")
    }
    let index = folder.file("model.safetensors.index.json")
    try JSON.serialize(["weight_map": .object(map)]).write(to: index, atomically: true, encoding: .utf8)
    try configuration()
    let file = try ModelFile(contentsOf: folder.url)
    #expect(file.tensors.count == tensors.count)
    #expect(try file.tensor(.down(layer: 1)).dequantized() == TinyModel.weights(.down(layer: 1), config))

    map["x"] = "../outside.safetensors"
    try JSON.serialize(["weight_map": .object(map)]).write(to: index, atomically: true, encoding: .utf8)
    #expect(try error().field == "weight_map.x")
  }

  @Test("float16 and bfloat16 weights stay in their format")
  func halves() throws {
    for (type, name) in [(TensorType.f16, "F16"), (.bf16, "BF16")] {
      let entries = LlamaTensor.all(in: config).map { ($0.huggingFaceName, TinyModel.weights($0, config)) }
      try SafetensorsBytes.make(entries, type: type, typeName: name).write(to: folder.file("model.safetensors"))
      try configuration()
      let matrix = try ModelFile(contentsOf: folder.url).tensor(.up(layer: 0))
      #expect(matrix.type == type)
      let difference = matrix.dequantized() - TinyModel.weights(.up(layer: 0), config)
      #expect(difference.scalars.allSatisfy { abs($0) < 0x1p-9 })
    }
  }

  @Test("a Llama of the Hugging Face library becomes a GGUF file with reordered query and key rows")
  func conversion() throws {
    var llama = TinyModel.config(layers: 1)
    llama.name = folder.url.lastPathComponent
    try write(LlamaTensor.all(in: llama), config: llama)
    try configuration(["model_type": "llama", "num_hidden_layers": 1])
    let file = try ModelFile(contentsOf: folder.url)
    #expect(file.config.ropePairing == .halfSplit)
    try file.writeGGUF(to: folder.file("m.gguf"), type: .f32)
    let converted = try ModelFile(contentsOf: folder.file("m.gguf"))
    #expect(converted.config == llama)
    let before = TinyModel.weights(.query(layer: 0), llama)
    let after = try converted.tensor(.query(layer: 0)).dequantized()
    for head in 0..<2 {
      for pair in 0..<8 {
        let first = head * 16 + 2 * pair
        #expect(after.slice(first..<first + 1) == before.slice(head * 16 + pair..<head * 16 + pair + 1))
        #expect(after.slice(first + 1..<first + 2) == before.slice(head * 16 + pair + 8..<head * 16 + pair + 9))
      }
    }
    #expect(try converted.tensor(.value(layer: 0)).dequantized() == TinyModel.weights(.value(layer: 0), llama))
  }

  /// The divisors for Llama 3.1's parameters, worked out by hand for head size 16 and base 10 000: pair i turns with
  /// the wavelength 2π·10^(i/2); below 64/4 = 16 nothing changes, above 64/1 = 64 everything is stretched 8 times.
  @Test("Llama-3 RoPE scaling")
  func ropeScaling() throws {
    try write(LlamaTensor.all(in: config), config: config)
    try configuration([
      "rope_scaling": [
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
      ]
    ])
    let factors = try #require(try ModelFile(contentsOf: folder.url).config.ropeFrequencyFactors)
    #expect(factors.count == 8)
    #expect(factors[0] == 1)
    // Pair 1: wavelength 19.869, blend (64/19.869 − 1)/3 = 0.74037, divisor 1/((1 − 0.74037)/8 + 0.74037).
    #expect(abs(factors[1] - 1.29400) < 1e-4)
    // Pair 2: wavelength 62.832, blend 0.006197.
    #expect(abs(factors[2] - 7.66747) < 1e-3)
    #expect(factors[3...].allSatisfy { $0 == 8 })
  }

  @Test("configurations of other models are refused by the key that says so")
  func configurations() throws {
    try write(LlamaTensor.all(in: config), config: config)
    for (key, value, kind) in [
      ("model_type", JSONValue.string("gpt_neox"), ModelFileError.Kind.unsupported),
      ("hidden_act", "gelu", .unsupported), ("mlp_bias", true, .unsupported),
      ("hidden_size", .null, .missing), ("hidden_size", "32", .invalidValue), ("vocab_size", 9, .shapeMismatch),
      ("num_hidden_layers", 3, .missing), ("num_attention_heads", 0, .invalidValue),
      ("rope_scaling", ["type": "dynamic", "factor": 2.0], .unsupported),
      ("rope_scaling", ["type": "linear"], .missing), ("tie_word_embeddings", false, .missing),
    ] {
      try configuration([key: value])
      #expect(try error().kind == kind, "\(key) = \(JSON.serialize(value))")
    }
    try "{\"model_type\": ".write(to: folder.file("config.json"), atomically: true, encoding: .utf8)
    #expect(try error().path.hasSuffix("config.json"))
  }

  @Test("damaged weight files end in errors")
  func damaged() throws {
    try write(LlamaTensor.all(in: config), config: config)
    try configuration()
    let original = try Array(Data(contentsOf: folder.file("model.safetensors")))
    let headerCount = original[..<8].reversed().reduce(0) { $0 << 8 | Int($1) } + 8
    func open(_ bytes: [UInt8]) throws -> Bool {
      try Data(bytes).write(to: folder.file("model.safetensors"))
      do {
        let file = try ModelFile(contentsOf: folder.url)
        for tensor in file.tensors { _ = try file.tensor(named: tensor.name).dequantizedRow(0) }
        return true
      } catch {
        return false
      }
    }
    #expect(try open(original))
    for count in stride(from: 0, to: original.count, by: 97) { #expect(try !open(Array(original[..<count]))) }
    for position in Array(0..<8) + Array(stride(from: 8, to: headerCount, by: 5)) {
      var bytes = original
      bytes[position] ^= position < 8 ? 0xff : 0x03
      _ = try open(bytes)
    }
  }
}
