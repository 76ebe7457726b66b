extension TokenizerDefinition {
  /// The tokenizer in the metadata of a GGUF file.
  init(_ metadata: ModelMetadata, path: String) throws(TokenizerError) {
    self.init(path: path)
    func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }
    guard let model = metadata[key("model")]?.stringValue else { throw .missing(field: key("model"), path: path) }
    guard model == "gpt2" else {
      throw .unsupported(
        field: key("model"), path: path, found: "the tokenizer \"\(model)\"", supported: "gpt2 (byte-level BPE)")
    }
    guard let tokens = metadata[key("tokens")]?.stringArray, !tokens.isEmpty else {
      throw .missing(field: key("tokens"), path: path)
    }
    guard tokens.count <= Self.tokenLimit else {
      throw .invalid(field: key("tokens"), path: path, problem: "more than \(Self.tokenLimit) tokens")
    }
    guard let merges = metadata[key("merges")]?.stringArray else { throw .missing(field: key("merges"), path: path) }
    self.tokens = tokens
    self.merges = merges

    if let types = metadata[key("token_type")] {
      guard let numbers = types.intArray, numbers.count == tokens.count else {
        throw .invalid(
          field: key("token_type"), path: path, problem: "must be \(tokens.count) integers, got \(types)")
      }
      kinds = numbers.map { TokenKind(rawValue: UInt8(clamping: $0)) ?? .normal }
    } else {
      kinds = [TokenKind](repeating: .normal, count: tokens.count)
    }

    let pattern = metadata[key("pre")]?.stringValue ?? "gpt-2"
    guard let preTokenizer = PreTokenizer(name: pattern) else {
      throw .unsupported(
        field: key("pre"), path: path, found: "the splitting pattern \"\(pattern)\"",
        supported: PreTokenizer.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self.preTokenizer = preTokenizer
    prefersWholeWords = preTokenizer == .llamaBPE
    beginToken = metadata[key("bos_token_id")]?.intValue
    endToken = metadata[key("eos_token_id")]?.intValue
    unknownToken = metadata[key("unknown_token_id")]?.intValue
    paddingToken = metadata[key("padding_token_id")]?.intValue
    // Converters leave the key out for Llama 3, which begins every text with its token.
    addsBeginToken = metadata[key("add_bos_token")]?.boolValue ?? (preTokenizer == .llamaBPE)
    furtherStopTokens = ["eot_token_id", "eom_token_id"].compactMap { metadata[key($0)]?.intValue }
  }
}

extension TokenizerDefinition {
  /// The tokenizer as metadata of a GGUF file.
  var ggufEntries: [(key: String, value: MetadataValue)] {
    var entries: [(key: String, value: MetadataValue)] = [
      ("model", .string("gpt2")),
      ("pre", .string(preTokenizer.rawValue)),
      ("tokens", .array(.string(tokens))),
      ("token_type", .array(.int32(kinds.map { Int32($0.rawValue) }))),
      ("merges", .array(.string(merges))),
      ("add_bos_token", .bool(addsBeginToken)),
    ]
    let ids: [(String, Int?)] = [
      ("bos_token_id", beginToken), ("eos_token_id", endToken), ("unknown_token_id", unknownToken),
      ("padding_token_id", paddingToken), ("eot_token_id", furtherStopTokens.first),
    ]
    for (key, id) in ids { if let id { entries.append((key, .uint32(UInt32(clamping: id)))) } }
    return entries.map { ("tokenizer.ggml.\($0.key)", $0.value) }
  }
}
