/// The tokens as byte strings, found by id or by content.
struct Vocabulary: Sendable {
  /// What each token is for.
  let kinds: [TokenKind]
  /// All tokens one after the other; token i is `bytes[offsets[i]..<offsets[i + 1]]`.
  private let bytes: [UInt8]
  private let offsets: [Int]
  private let index: ByteStringIndex

  /// Creates a vocabulary.
  ///
  /// - Parameters:
  ///   - tokens: The tokens in GPT-2's byte characters; control and user-defined tokens in plain text.
  ///   - kinds: What each token is for.
  init(tokens: [String], kinds: [TokenKind]) {
    var bytes: [UInt8] = []
    var offsets = [0]
    offsets.reserveCapacity(tokens.count + 1)
    for (token, kind) in zip(tokens, kinds) {
      switch kind {
      case .byte: bytes.append(contentsOf: ByteCharacters.byteValue(token).map { [$0] } ?? Array(token.utf8))
      case .normal where ByteCharacters.append(decoding: token, to: &bytes): break
      default: bytes.append(contentsOf: token.utf8)
      }
      offsets.append(bytes.count)
    }
    self.kinds = kinds
    self.bytes = bytes
    self.offsets = offsets
    // Of equal tokens the first one counts, and a piece of text goes before a control token.
    var index = ByteStringIndex(capacity: tokens.count)
    for wantsText in [true, false] {
      for id in kinds.indices where (kinds[id] == .normal) == wantsText {
        index.insert(Int32(id), bytes: bytes, offsets[id]..<offsets[id + 1]) { Self.range($0, offsets) }
      }
    }
    self.index = index
  }

  /// The number of tokens.
  var count: Int { kinds.count }

  /// The content of a token.
  func content(of token: Int32) -> ArraySlice<UInt8> { bytes[Self.range(token, offsets)] }

  /// The token with the given content.
  func token(for text: [UInt8], _ range: Range<Int>) -> Int32? {
    index.find(text, range, in: bytes) { Self.range($0, offsets) }
  }

  private static func range(_ token: Int32, _ offsets: [Int]) -> Range<Int> {
    offsets[Int(token)]..<offsets[Int(token) + 1]
  }
}
