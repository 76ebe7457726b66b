extension GGUFWriter {
  /// Enters a model's shape into the metadata, under the keys that llama.cpp and this package read.
  ///
  /// - Throws: ``ModelFileError`` if GGUF readers would take the rotary embedding the wrong way round: files of
  ///   architecture `llama` must have interleaved pairs (``QuantizedMatrix/interleavingHeads(headSize:)``), files of
  ///   `qwen2` half-split ones.
  public mutating func setConfig(_ config: LlamaConfig) throws(ModelFileError) {
    // Mistral is a Llama to GGUF.
    let architecture = config.architecture == "mistral" ? "llama" : config.architecture
    guard (architecture == "qwen2") == (config.ropePairing == .halfSplit) else {
      throw ModelFileError(
        .unsupported, path: config.name, field: "ropePairing",
        problem: "GGUF files of \(architecture) cannot have \(config.ropePairing.rawValue) rotary pairs",
        remedy: "reorder the rows of the query and key projections with interleavingHeads(headSize:)")
    }
    metadata["general.architecture"] = .string(architecture)
    if !config.name.isEmpty { metadata["general.name"] = .string(config.name) }
    let integers: [(String, Int)] = [
      ("block_count", config.layers), ("context_length", config.context), ("embedding_length", config.width),
      ("feed_forward_length", config.feedForward), ("attention.head_count", config.heads),
      ("attention.head_count_kv", config.kvHeads), ("attention.key_length", config.headSize),
      ("attention.value_length", config.headSize), ("rope.dimension_count", config.headSize),
      ("vocab_size", config.vocabulary),
    ]
    for (key, value) in integers { metadata["\(architecture).\(key)"] = .uint32(UInt32(clamping: value)) }
    metadata["\(architecture).attention.layer_norm_rms_epsilon"] = .float32(config.rmsEpsilon)
    metadata["\(architecture).rope.freq_base"] = .float32(config.ropeBase)
    metadata["\(architecture).attention.sliding_window"] = config.slidingWindow.map { .uint32(UInt32(clamping: $0)) }
    if let factors = config.ropeFrequencyFactors {
      add(
        "rope_freqs.weight",
        factors.withUnsafeBytes { QuantizedMatrix(copying: $0, type: .f32, rows: 1, columns: factors.count) })
    }
  }
}
