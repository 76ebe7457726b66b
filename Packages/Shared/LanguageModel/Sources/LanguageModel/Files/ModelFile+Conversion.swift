import Foundation

extension ModelFile {
  /// Writes the model as a GGUF file in other formats: the matrices of all layers in `type`, embedding and head in
  /// `embeddingType`, norms and biases in F32. Metadata, tokenizer and foreign tensors come along.
  ///
  /// Rows of query and key projections are reordered where the GGUF convention asks for it. A matrix whose rows are not
  /// whole blocks of the wanted format is written in F16.
  ///
  /// - Parameters:
  ///   - url: The file to write.
  ///   - type: The format of the matrices: F32, F16, BF16, Q8_0, Q5_1, Q5_0, Q4_1 or Q4_0.
  ///   - embeddingType: The format of embedding and head; Q8_0 by default for block formats, else `type`.
  ///   - progress: Called with the fraction done.
  /// - Throws: ``ModelFileError``, ``QuantizationError``, ``TokenizerError`` or `FileError`.
  public func writeGGUF(
    to url: URL, type: TensorType, embeddingType: TensorType? = nil, progress: (Double) -> Void = { _ in }
  ) throws {
    var writer = GGUFWriter(metadata: metadata)
    if case .safetensors(let folder) = source, hasTokenizer {
      let definition = try TokenizerDefinition(folder: folder.url)
      for (key, value) in definition.ggufEntries { writer.metadata[key] = value }
      if let text = chatTemplateText { writer.metadata["tokenizer.chat_template"] = .string(text) }
    }
    var target = config
    let interleaves = config.ropePairing == .halfSplit && config.architecture != "qwen2"
    if interleaves { target.ropePairing = .interleaved }
    // The divisors of GGUF files are among the foreign tensors already.
    if contains("rope_freqs.weight") { target.ropeFrequencyFactors = nil }
    try writer.setConfig(target)
    writer.metadata["general.quantization_version"] = .uint32(2)
    writer.metadata["general.file_type"] = type.fileType.map { .uint32($0) }

    let own = LlamaTensor.all(in: config)
    let ownNames = Set(own.map(\.name))
    for (index, tensor) in own.enumerated() {
      let matrix = try self.tensor(tensor)
      let converted = try matrix.converted(to: Self.format(of: tensor, type, embeddingType))
      let isTurned = if case .query = tensor { true } else if case .key = tensor { true } else { false }
      writer.add(tensor, interleaves && isTurned ? converted.interleavingHeads(headSize: config.headSize) : converted)
      progress(Double(index + 1) / Double(own.count + 1))
    }
    for foreign in tensors where !ownNames.contains(foreign.name) && foreign.name.utf8.count < 64 {
      writer.add(foreign, try tensor(named: foreign.name))
    }
    try writer.write(to: url)
    progress(1)
  }

  private static func format(of tensor: LlamaTensor, _ type: TensorType, _ embeddingType: TensorType?) -> TensorType {
    switch tensor {
    case .tokenEmbedding, .output: embeddingType ?? (type.blockSize > 1 ? .q8_0 : type)
    case .query, .key, .value, .attentionOutput, .gate, .up, .down: type
    case .outputNorm, .attentionNorm, .feedForwardNorm, .queryBias, .keyBias, .valueBias: .f32
    }
  }
}

extension QuantizedMatrix {
  /// The matrix in another format, or in F16 where its rows are not whole blocks of that format; itself if nothing
  /// changes.
  fileprivate func converted(to type: TensorType) throws(QuantizationError) -> QuantizedMatrix {
    if type == self.type { return self }
    return try QuantizedMatrix(quantizing: dequantized(), as: columns.isMultiple(of: type.blockSize) ? type : .f16)
  }
}

extension TensorType {
  /// The number of `general.file_type` for files whose matrices are mostly of this type.
  fileprivate var fileType: UInt32? {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q8_0: 7
    case .q5_0: 8
    case .q5_1: 9
    case .bf16: 32
    case .q4_K, .q5_K, .q6_K: nil
    }
  }
}
