import Foundation

/// Learns a byte-level BPE vocabulary from text (Sennrich et al. 2016): the most frequent pair of tokens becomes a token, again and
/// again.
///
/// ```swift
/// let learned = try BytePairTrainer(vocabulary: 512, controlTokens: ["<|endoftext|>"]).learn(from: text)
/// learned.tokenizer.encode("Hello")
/// ```
///
/// Meant for the vocabularies of small models: time grows with the number of merges times the number of different words.
public struct BytePairTrainer: Sendable {
  /// A tokenizer, and the metadata that describe it in a GGUF file.
  public struct Result: Sendable {
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// The entries `tokenizer.ggml.…`.
    public let metadata: ModelMetadata
  }

  /// The number of tokens to reach: control tokens, 256 bytes, merges.
  public var vocabulary: Int
  /// How texts are cut into words; merges never cross words.
  public var preTokenizer: PreTokenizer
  /// Tokens that are structure; they get the first ids. The first one begins and ends texts.
  public var controlTokens: [String]

  /// A trainer.
  public init(vocabulary: Int, preTokenizer: PreTokenizer = .smollm, controlTokens: [String] = []) {
    self.vocabulary = vocabulary
    self.preTokenizer = preTokenizer
    self.controlTokens = controlTokens
  }

  /// Learns from a text. Of equally frequent pairs the one of the smallest ids goes first, so the result depends on nothing else.
  ///
  /// The vocabulary stays smaller than asked for when no pair occurs twice any more.
  ///
  /// - Throws: ``TokenizerError`` if control tokens and bytes alone exceed the vocabulary.
  public func learn(from text: String) throws(TokenizerError) -> Result {
    let first = controlTokens.count
    guard vocabulary >= first + 256 else {
      throw .invalid(
        field: "vocabulary", path: "training", problem: "\(first) control tokens and 256 bytes exceed \(vocabulary)")
    }
    var tokens = ByteCharacters.scalars.map { String(Character($0)) }
    var merges: [String] = []
    var words = words(of: text)
    while first + tokens.count < vocabulary, let pair = Self.mostFrequentPair(words) {
      merges.append("\(tokens[Int(pair.left)]) \(tokens[Int(pair.right)])")
      tokens.append(tokens[Int(pair.left)] + tokens[Int(pair.right)])
      let merged = Int32(tokens.count - 1)
      for index in words.indices { words[index].merge(pair, into: merged) }
    }
    var definition = TokenizerDefinition(path: "training")
    definition.tokens = controlTokens + tokens
    definition.kinds =
      controlTokens.map { _ in .control } + [TokenKind](repeating: .normal, count: tokens.count)
    definition.merges = merges
    definition.preTokenizer = preTokenizer
    definition.beginToken = controlTokens.isEmpty ? nil : 0
    definition.endToken = definition.beginToken
    var metadata = ModelMetadata()
    for (key, value) in definition.ggufEntries { metadata[key] = value }
    return Result(tokenizer: try Tokenizer(definition), metadata: metadata)
  }

  private struct Pair: Hashable {
    let left, right: Int32

    func precedes(_ other: Pair) -> Bool { (left, right) < (other.left, other.right) }
  }

  private struct Word {
    var tokens: [Int32]
    let count: Int

    mutating func merge(_ pair: Pair, into merged: Int32) {
      var result: [Int32] = []
      for token in tokens {
        if token == pair.right, result.last == pair.left {
          result[result.count - 1] = merged
        } else {
          result.append(token)
        }
      }
      tokens = result
    }
  }

  private func words(of text: String) -> [Word] {
    let bytes = Array(text.utf8)
    var counts: [ArraySlice<UInt8>: Int] = [:]
    preTokenizer.split(TextScanner(bytes: bytes, end: bytes.count), from: 0) { counts[bytes[$0], default: 0] += 1 }
    return counts.map { Word(tokens: $0.key.map(Int32.init), count: $0.value) }
  }

  private static func mostFrequentPair(_ words: [Word]) -> Pair? {
    var counts: [Pair: Int] = [:]
    for word in words {
      for (left, right) in zip(word.tokens, word.tokens.dropFirst()) {
        counts[Pair(left: left, right: right), default: 0] += word.count
      }
    }
    let best = counts.max { $0.value != $1.value ? $0.value < $1.value : $1.key.precedes($0.key) }
    guard let best, best.value > 1 else { return nil }
    return best.key
  }
}
