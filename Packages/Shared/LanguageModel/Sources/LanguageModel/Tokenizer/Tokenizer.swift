import Foundation

/// Byte-level byte-pair encoding: text ↔ token ids, without loss for any text.
///
/// A text is cut into words by the model family's pattern (``PreTokenizer``); the bytes of a word are merged pair by
/// pair in the order in which the merges were learned. Special tokens are matched before that.
///
/// ```swift
/// let tokenizer = try ModelFile(contentsOf: url).tokenizer()
/// let tokens = tokenizer.encode("Hello, world")
/// let text = tokenizer.decode(tokens)                       // "Hello, world"
/// ```
public struct Tokenizer: Sendable {
  /// What to do with the texts of control tokens (such as `<|im_end|>`) in a text.
  public enum SpecialTokens: Sendable, Hashable {
    /// They become the control token: for prompts that a template has rendered.
    case recognized
    /// They are text like any other: for text from users and documents, which must not forge structure.
    case asText
  }

  /// The token that begins a text, if the vocabulary has one.
  public let beginToken: Int32?
  /// The token that ends a text, if the vocabulary has one.
  public let endToken: Int32?
  /// The token for what cannot be encoded, if the vocabulary has one.
  public let unknownToken: Int32?
  /// The token that fills batches, if the vocabulary has one.
  public let paddingToken: Int32?
  /// Whether the model expects ``beginToken`` before every text. ``encode(_:special:)`` never adds it by itself.
  public let addsBeginToken: Bool
  /// The tokens at which generation ends: the end of the text or of the turn.
  public let stopTokens: Set<Int32>
  /// How texts are cut into words.
  public let preTokenizer: PreTokenizer
  /// Whether texts are brought into Unicode's composed form (NFC) first, as Qwen2's own tokenizer does.
  public let normalizes: Bool

  let vocabulary: Vocabulary
  private let merges: MergeTable
  private let specials: SpecialTokenMatcher
  /// The token of each byte, -1 where there is none.
  private let byteTokens: [Int32]
  /// Whether a word that is a token needs no merging (Llama 3).
  private let prefersWholeWords: Bool

  init(_ definition: TokenizerDefinition) throws(TokenizerError) {
    vocabulary = Vocabulary(tokens: definition.tokens, kinds: definition.kinds)
    merges = try definition.mergeTable(vocabulary)
    specials = SpecialTokenMatcher(vocabulary)
    byteTokens = definition.byteTokens()
    prefersWholeWords = definition.prefersWholeWords
    beginToken = try definition.checked(definition.beginToken, "begin token")
    endToken = try definition.checked(definition.endToken, "end token")
    unknownToken = try definition.checked(definition.unknownToken, "unknown token")
    paddingToken = try definition.checked(definition.paddingToken, "padding token")
    addsBeginToken = definition.addsBeginToken
    stopTokens = definition.stopTokens()
    preTokenizer = definition.preTokenizer
    normalizes = definition.normalizes
  }

  /// The number of tokens.
  public var vocabularyCount: Int { vocabulary.count }

  /// The bytes that the vocabulary has no token for; they are left out when encoding.
  ///
  /// Most vocabularies have all 256; SmolLM2 lacks six control characters and fifteen bytes that occur in no valid
  /// UTF-8, or only in that of unassigned planes.
  public var unencodableBytes: [UInt8] { byteTokens.indices.filter { byteTokens[$0] < 0 }.map { UInt8($0) } }

  /// The tokens of a text; without begin or end token.
  public func encode(_ text: String, special: SpecialTokens = .recognized) -> [Int32] {
    let text = normalizes ? text.precomposedStringWithCanonicalMapping : text
    return encode(bytes: Array(text.utf8), special: special)
  }

  /// The tokens of a byte string, which need not be valid UTF-8.
  public func encode(bytes: [UInt8], special: SpecialTokens = .recognized) -> [Int32] {
    encode(bytes) { _ in special == .recognized }
  }

  /// The tokens of a byte string, in which control tokens are recognised where `allowsControl` says so.
  func encode(_ bytes: [UInt8], allowsControl: (Int) -> Bool) -> [Int32] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(bytes.count / 3 + 8)
    var cache = WordCache(textLength: bytes.count)
    var merger = WordMerger()
    var position = 0
    while position < bytes.count {
      let special = specials.next(in: bytes, position..<bytes.count, allowsControl: allowsControl)
      let scanner = TextScanner(bytes: bytes, end: special?.place.lowerBound ?? bytes.count)
      preTokenizer.split(scanner, from: position) { word in append(bytes, word, &cache, &merger, to: &tokens) }
      if let special { tokens.append(special.token) }
      position = special?.place.upperBound ?? bytes.count
    }
    return tokens
  }

  private func append(
    _ bytes: [UInt8], _ word: Range<Int>, _ cache: inout WordCache, _ merger: inout WordMerger, to tokens: inout [Int32]
  ) {
    let slot = cache.slot(bytes, word)
    if let known = cache.tokens(slot, bytes, word) {
      for index in known { tokens.append(tokens[index]) }
      return
    }
    let start = tokens.count
    if prefersWholeWords, let token = vocabulary.token(for: bytes, word), vocabulary.kinds[Int(token)] == .normal {
      tokens.append(token)
    } else {
      merger.append(bytes, word, byteTokens: byteTokens, merges: merges, to: &tokens)
    }
    cache.remember(slot, word: word, tokens: start..<tokens.count)
  }
}
