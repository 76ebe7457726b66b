import Foundation

extension LlamaConfig {
  /// The configuration in the metadata of a GGUF file, checked for contradictions.
  init(_ file: GGUFFile) throws(ModelFileError) {
    let reader = MetadataReader(file)
    let architecture = try reader.string("general.architecture")
    guard ["llama", "qwen2", "mistral"].contains(architecture) else {
      throw reader.error(
        .unsupported, "general.architecture", "the architecture \"\(architecture)\" is not supported",
        remedy: "use a Llama, Mistral, Qwen2 or SmolLM2 model")
    }
    func key(_ suffix: String) -> String { "\(architecture).\(suffix)" }
    if let experts = try reader.integerIfPresent(key("expert_count")), experts > 0 {
      throw reader.error(.unsupported, key("expert_count"), "mixtures of experts are not supported")
    }
    let heads = try reader.integer(key("attention.head_count"))
    let width = try reader.integer(key("embedding_length"))
    let headSize = try reader.integerIfPresent(key("attention.key_length")) ?? (heads > 0 ? width / heads : 0)
    for other in [key("attention.value_length"), key("rope.dimension_count")] {
      if let size = try reader.integerIfPresent(other), size != headSize {
        throw reader.error(.unsupported, other, "must equal the head size \(headSize), got \(size)")
      }
    }
    guard let embedding = file.description(of: LlamaTensor.tokenEmbedding.name) else {
      throw reader.error(.missing, LlamaTensor.tokenEmbedding.name, "there is no such tensor")
    }
    let vocabulary = try reader.integerIfPresent(key("vocab_size")) ?? embedding.rows
    self.init(
      architecture: architecture,
      name: file.metadata["general.name"]?.stringValue ?? file.url.deletingPathExtension().lastPathComponent,
      layers: try reader.integer(key("block_count")),
      width: width,
      heads: heads,
      kvHeads: try reader.integerIfPresent(key("attention.head_count_kv")) ?? heads,
      headSize: headSize,
      feedForward: try reader.integer(key("feed_forward_length")),
      vocabulary: vocabulary,
      context: try reader.integer(key("context_length")),
      rmsEpsilon: Float(try reader.number(key("attention.layer_norm_rms_epsilon"))),
      ropeBase: Float(try reader.numberIfPresent(key("rope.freq_base")) ?? 10_000),
      ropePairing: architecture == "qwen2" ? .halfSplit : .interleaved,
      tiedEmbedding: file.description(of: LlamaTensor.output.name) == nil,
      qkvBias: file.description(of: LlamaTensor.queryBias(layer: 0).name) != nil,
      slidingWindow: try reader.integerIfPresent(key("attention.sliding_window")))
    try checkFlaws(reader)
    // Only now is the head size known to be sane.
    ropeFrequencyFactors = try Self.frequencyFactors(file, reader, prefix: architecture, headSize: headSize)
    try checkFlaws(reader)
  }

  private func checkFlaws(_ reader: MetadataReader) throws(ModelFileError) {
    guard let flaw else { return }
    let name = Self.ggufKeys[flaw.property].map { "\(architecture).\($0)" } ?? flaw.property
    throw reader.error(.invalidValue, name, flaw.problem)
  }

  /// Llama-3 scaling comes as a tensor of divisors, linear scaling as one factor.
  private static func frequencyFactors(
    _ file: GGUFFile, _ reader: MetadataReader, prefix: String, headSize: Int
  ) throws(ModelFileError) -> [Float]? {
    if file.description(of: "rope_freqs.weight") != nil {
      return try file.tensor(named: "rope_freqs.weight").dequantizedRow(0)
    }
    let typeKey = "\(prefix).rope.scaling.type"
    switch file.metadata[typeKey]?.stringValue ?? "none" {
    case "none": return nil
    case "linear":
      let factor = Float(try reader.number("\(prefix).rope.scaling.factor"))
      return [Float](repeating: factor, count: headSize / 2)
    case let type:
      throw reader.error(.unsupported, typeKey, "RoPE scaling \"\(type)\" is not supported, only linear and Llama-3")
    }
  }

  /// The metadata keys, behind the architecture's name, of the properties that can have a flaw.
  static let ggufKeys = [
    "layers": "block_count", "width": "embedding_length", "heads": "attention.head_count",
    "kvHeads": "attention.head_count_kv", "headSize": "rope.dimension_count", "feedForward": "feed_forward_length",
    "vocabulary": "vocab_size", "context": "context_length", "rmsEpsilon": "attention.layer_norm_rms_epsilon",
    "ropeBase": "rope.freq_base", "ropeFrequencyFactors": "rope.scaling.factor",
    "slidingWindow": "attention.sliding_window",
  ]
}
