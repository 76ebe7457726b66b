/// What a model file says about its tokenizer, before tables are built of it.
struct TokenizerDefinition {
  /// More tokens than any vocabulary has.
  static let tokenLimit = 1 << 24

  /// The file, for error messages.
  let path: String
  /// The tokens in GPT-2's byte characters; control and user-defined tokens in plain text.
  var tokens: [String] = []
  var kinds: [TokenKind] = []
  /// The merges, most important first: two tokens separated by a space.
  var merges: [String] = []
  var preTokenizer = PreTokenizer.gpt2
  var prefersWholeWords = false
  var normalizes = false
  var beginToken: Int?
  var endToken: Int?
  var unknownToken: Int?
  var paddingToken: Int?
  var addsBeginToken = false
  /// Tokens that end a generation besides the end token.
  var furtherStopTokens: [Int] = []

  init(path: String) { self.path = path }

  /// The names that end a turn or a text in the chat formats of the model families.
  private static let stopNames: Set<String> = [
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "</s>",
  ]

  /// The merges with the ids of their tokens in `vocabulary`.
  func mergeTable(_ vocabulary: Vocabulary) throws(TokenizerError) -> MergeTable {
    var table = MergeTable(capacity: merges.count)
    var bytes: [UInt8] = []
    for (rank, merge) in merges.enumerated() {
      bytes.removeAll(keepingCapacity: true)
      guard let space = merge.utf8.dropFirst().firstIndex(of: 0x20),
        ByteCharacters.append(decoding: merge[..<space], to: &bytes), case let middle = bytes.count,
        ByteCharacters.append(decoding: merge[merge.utf8.index(after: space)...], to: &bytes)
      else {
        throw .invalid(
          field: "merge \(rank)", path: path, problem: "\"\(merge)\" is not two tokens separated by a space")
      }
      guard let left = vocabulary.token(for: bytes, 0..<middle),
        let right = vocabulary.token(for: bytes, middle..<bytes.count),
        let merged = vocabulary.token(for: bytes, bytes.indices)
      else {
        throw .invalid(
          field: "merge \(rank)", path: path, problem: "\"\(merge)\" or its parts are not in the vocabulary")
      }
      table.insert(left, right, MergeTable.Merge(rank: UInt32(rank), token: merged))
    }
    return table
  }

  /// The token of each byte: its byte character, or else `<0xAB>`; -1 for none.
  func byteTokens() -> [Int32] {
    var result = [Int32](repeating: -1, count: 256)
    var bytes: [UInt8] = []
    for (id, token) in tokens.enumerated() where kinds[id] == .normal && token.utf8.count <= 2 {
      bytes.removeAll(keepingCapacity: true)
      guard ByteCharacters.append(decoding: token, to: &bytes), bytes.count == 1 else { continue }
      if result[Int(bytes[0])] < 0 { result[Int(bytes[0])] = Int32(id) }
    }
    for (id, kind) in kinds.enumerated() where kind == .byte {
      guard let byte = ByteCharacters.byteValue(tokens[id]), result[Int(byte)] < 0 else { continue }
      result[Int(byte)] = Int32(id)
    }
    return result
  }

  /// The end token, the others that were named, and what is known to end turns.
  func stopTokens() -> Set<Int32> {
    let named = (furtherStopTokens + [endToken].compactMap { $0 }).filter { tokens.indices.contains($0) }
    var stops = Set(named.map(Int32.init))
    for (id, kind) in kinds.enumerated() where kind == .control && Self.stopNames.contains(tokens[id]) {
      stops.insert(Int32(id))
    }
    return stops
  }

  /// A token id that must lie in the vocabulary.
  func checked(_ id: Int?, _ field: String) throws(TokenizerError) -> Int32? {
    guard let id else { return nil }
    guard tokens.indices.contains(id) else {
      throw .invalid(field: field, path: path, problem: "\(id) is outside of the vocabulary of \(tokens.count) tokens")
    }
    return Int32(id)
  }
}
