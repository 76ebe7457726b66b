import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("Model files")
struct ModelFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the configuration survives the way through a GGUF file", arguments: [false, true])
  func configuration(qwen: Bool) throws {
    var config = TinyModel.config(layers: 2, qwen: qwen)
    config.ropeBase = 100_000
    config.ropeFrequencyFactors = (0..<8).map { 1 + Float($0) }
    config.slidingWindow = 16
    config.tiedEmbedding = false
    try TinyModel.writer(config).write(to: folder.file("m.gguf"))
    let file = try ModelFile(contentsOf: folder.file("m.gguf"))
    #expect(file.config == config)
    #expect(file.contains("rope_freqs.weight"))
    #expect(file.hasTokenizer)
    #expect(try file.chatTemplate().kind == .chatML)
  }

  @Test("linear RoPE scaling becomes equal divisors")
  func linearScaling() throws {
    var writer = try TinyModel.writer()
    writer.metadata["llama.rope.scaling.type"] = .string("linear")
    writer.metadata["llama.rope.scaling.factor"] = .float32(4)
    try writer.write(to: folder.file("m.gguf"))
    let config = try ModelFile(contentsOf: folder.file("m.gguf")).config
    #expect(config.ropeFrequencyFactors == [Float](repeating: 4, count: 8))
  }

  @Test("the fingerprint changes with a weight and with the metadata, and with nothing else")
  func fingerprint() throws {
    func fingerprint(_ change: (inout GGUFWriter) throws -> Void) throws -> String {
      var writer = try TinyModel.writer(leavingOut: .down(layer: 0))
      try change(&writer)
      let url = folder.file("\(UUID().uuidString).gguf")
      try writer.write(to: url)
      return try ModelFile(contentsOf: url).fingerprint
    }
    let zeros = Tensor(zeros: [32, 32])
    var other = zeros
    other[31, 31] = 1
    let first = try fingerprint { try $0.add(.down(layer: 0), zeros, as: .f32) }
    #expect(try fingerprint { try $0.add(.down(layer: 0), zeros, as: .f32) } == first)
    #expect(try fingerprint { try $0.add(.down(layer: 0), other, as: .f32) } != first)
    #expect(
      try fingerprint {
        try $0.add(.down(layer: 0), zeros, as: .f32)
        $0.metadata["general.name"] = .string("another")
      } != first)
  }

  @Test("re-quantised models keep configuration, tokenizer and foreign tensors")
  func conversion() throws {
    let config = TinyModel.config(layers: 2)
    var writer = try TinyModel.writer(config, type: .f32)
    try writer.add("hardwise.extra", Tensor(shape: [2, 2, 2], (0..<8).map(Float.init)), as: .f32)
    try writer.write(to: folder.file("full.gguf"))
    let full = try ModelFile(contentsOf: folder.file("full.gguf"))
    try full.writeGGUF(to: folder.file("small.gguf"), type: .q4_1)
    let small = try ModelFile(contentsOf: folder.file("small.gguf"))
    #expect(small.config == config)
    #expect(try small.tokenizer().encode("abc") == full.tokenizer().encode("abc"))
    #expect(small.description(of: "hardwise.extra")?.shape == [2, 2, 2])
    #expect(try small.tensor(.tokenEmbedding).type == .q8_0)
    let query = try small.tensor(.query(layer: 1))
    #expect(query.type == .q4_1)
    let difference = query.dequantized() - TinyModel.weights(.query(layer: 1), config)
    // The step of 4-bit integers over a range of less than 1.
    #expect(difference.scalars.allSatisfy { abs($0) <= 0.5 / 15 + 1e-3 })
    #expect(try small.tensor(.outputNorm).type == .f32)
  }

  @Test("the default model, where it is found", .enabled(if: ModelFile.defaultModelURL() != nil))
  func defaultModel() throws {
    let file = try ModelFile(contentsOf: #require(ModelFile.defaultModelURL()))
    let config = file.config
    #expect(config.layers == 30 && config.width == 576 && config.heads == 9 && config.kvHeads == 3)
    #expect(config.headSize == 64 && config.feedForward == 1536 && config.vocabulary == 49_152)
    #expect(config.rmsEpsilon == 1e-5 && config.ropeBase == 100_000 && config.context == 8192)
    #expect(config.tiedEmbedding && !config.qkvBias && config.ropePairing == .interleaved)
    #expect(config.parameterCount == 134_515_008)
    #expect(file.tensors.count == 272)
    #expect(Dictionary(grouping: file.tensors, by: \.type).mapValues(\.count) == [.q4_1: 210, .f32: 61, .q8_0: 1])
    for tensor in LlamaTensor.all(in: config) { #expect(throws: Never.self) { try file.tensor(tensor) } }
    let template = try file.chatTemplate()
    #expect(template.defaultSystemMessage == "You are a helpful AI assistant named SmolLM, trained by Hugging Face")
  }
}
