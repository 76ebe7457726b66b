import Foundation
import JSONC

extension TokenizerDefinition {
  /// The tokenizer in a folder of the Hugging Face library: `tokenizer.json`, with what `tokenizer_config.json` and
  /// `generation_config.json` add to it.
  init(folder: URL) throws(TokenizerError) {
    let url = folder.appendingPathComponent("tokenizer.json")
    self.init(path: url.path)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .missing(field: "tokenizer.json", path: folder.path)
    }
    let content = try Self.parse(url)
    guard let model = content["model"] else { throw .missing(field: "model", path: path) }
    try readModel(model)
    try readAddedTokens(content["added_tokens"])
    preTokenizer = try PreTokenizerDescription(content["pre_tokenizer"], path: path).preTokenizer
    normalizes = try readNormalizer(content["normalizer"])

    let settings = try Self.parseIfPresent(folder.appendingPathComponent("tokenizer_config.json"))
    beginToken = specialToken("bos_token", settings)
    endToken = specialToken("eos_token", settings)
    unknownToken = specialToken("unk_token", settings)
    paddingToken = specialToken("pad_token", settings)
    addsBeginToken = settings?["add_bos_token"]?.boolValue ?? beginsWithToken(content["post_processor"])
    let generation = try Self.parseIfPresent(folder.appendingPathComponent("generation_config.json"))
    if let stop = generation?["eos_token_id"] {
      furtherStopTokens = (stop.arrayValue ?? [stop]).compactMap(\.intValue)
    }
  }

  private mutating func readModel(_ model: JSONValue) throws(TokenizerError) {
    if let type = model["type"]?.stringValue, type != "BPE" {
      throw .unsupported(field: "model.type", path: path, found: "the model \"\(type)\"", supported: "BPE")
    }
    if model["byte_fallback"]?.boolValue == true {
      throw .unsupported(
        field: "model.byte_fallback", path: path, found: "a SentencePiece vocabulary", supported: "byte-level BPE")
    }
    guard let vocabulary = model["vocab"]?.objectValue, !vocabulary.isEmpty else {
      throw .missing(field: "model.vocab", path: path)
    }
    for (token, id) in vocabulary { try enter(token, id, as: .normal, field: "model.vocab") }
    guard let list = model["merges"]?.arrayValue else { throw .missing(field: "model.merges", path: path) }
    merges.reserveCapacity(list.count)
    for (rank, merge) in list.enumerated() {
      if let text = merge.stringValue {
        merges.append(text)
      } else if let left = merge[0]?.stringValue, let right = merge[1]?.stringValue {
        merges.append("\(left) \(right)")
      } else {
        throw .invalid(field: "model.merges[\(rank)]", path: path, problem: "must be a text or a pair of texts")
      }
    }
    prefersWholeWords = model["ignore_merges"]?.boolValue ?? false
  }

  private mutating func readAddedTokens(_ list: JSONValue?) throws(TokenizerError) {
    for (index, added) in (list?.arrayValue ?? []).enumerated() {
      let field = "added_tokens[\(index)]"
      guard let text = added["content"]?.stringValue, let id = added["id"] else {
        throw .invalid(field: field, path: path, problem: "needs \"id\" and \"content\"")
      }
      try enter(text, id, as: added["special"]?.boolValue == true ? .control : .userDefined, field: field)
    }
  }

  private mutating func enter(
    _ token: String, _ id: JSONValue, as kind: TokenKind, field: String
  ) throws(TokenizerError) {
    guard let id = id.intValue, (0..<Self.tokenLimit).contains(id) else {
      throw .invalid(
        field: field, path: path, problem: "the id of \"\(token)\" must be an integer from 0 to \(Self.tokenLimit - 1)")
    }
    while tokens.count <= id {
      tokens.append("")
      kinds.append(.unused)
    }
    tokens[id] = token
    kinds[id] = kind
  }

  private func readNormalizer(_ normalizer: JSONValue?) throws(TokenizerError) -> Bool {
    switch normalizer?["type"]?.stringValue {
    case nil: return false
    case "NFC": return true
    case let type?:
      throw .unsupported(field: "normalizer", path: path, found: "the normalizer \"\(type)\"", supported: "none, NFC")
    }
  }

  /// The id of a special token that the settings name, as a text or as an object with the text.
  private func specialToken(_ key: String, _ settings: JSONValue?) -> Int? {
    guard let entry = settings?[key], let text = entry.stringValue ?? entry["content"]?.stringValue else { return nil }
    return kinds.indices.first { kinds[$0] != .normal && tokens[$0] == text } ?? tokens.firstIndex(of: text)
  }

  /// Whether the post-processor puts a special token before a text, as Llama 3's template does.
  private func beginsWithToken(_ processor: JSONValue?) -> Bool {
    let parts = processor?["processors"]?.arrayValue ?? [processor].compactMap { $0 }
    return parts.contains { part in
      guard part["type"]?.stringValue == "TemplateProcessing" else { return false }
      return part["single"]?[0]?["SpecialToken"] != nil
    }
  }

  private static func parse(_ url: URL) throws(TokenizerError) -> JSONValue {
    do throws(JSONError) {
      return try JSON.parse(contentsOf: url)
    } catch {
      throw .invalid(field: "content", path: url.path, problem: "\(error)")
    }
  }

  private static func parseIfPresent(_ url: URL) throws(TokenizerError) -> JSONValue? {
    FileManager.default.fileExists(atPath: url.path) ? try parse(url) : nil
  }
}
