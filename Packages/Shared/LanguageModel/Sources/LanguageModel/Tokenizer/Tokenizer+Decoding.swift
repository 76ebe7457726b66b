extension Tokenizer {
  /// The text of tokens; bytes that are no UTF-8 become U+FFFD, tokens outside of the vocabulary nothing.
  public func decode(_ tokens: some Sequence<Int32>) -> String { String(decoding: decodeBytes(tokens), as: UTF8.self) }

  /// The bytes of tokens, exactly.
  public func decodeBytes(_ tokens: some Sequence<Int32>) -> [UInt8] {
    var bytes: [UInt8] = []
    for token in tokens where contains(token) { bytes.append(contentsOf: vocabulary.content(of: token)) }
    return bytes
  }

  /// The bytes of one token; control tokens have the bytes of their name. Empty for a token outside of the vocabulary.
  public func bytes(of token: Int32) -> [UInt8] { contains(token) ? Array(vocabulary.content(of: token)) : [] }

  /// The token whose whole content is `text`, a control token included; nil if the vocabulary has none.
  public func token(for text: String) -> Int32? {
    let bytes = Array(text.utf8)
    return vocabulary.token(for: bytes, bytes.indices)
  }

  /// Whether the token is structure rather than text: a control or unknown token.
  public func isSpecial(_ token: Int32) -> Bool {
    guard contains(token) else { return false }
    let kind = vocabulary.kinds[Int(token)]
    return kind == .control || kind == .unknown
  }

  /// A decoder for tokens that come one by one.
  public func makeStreamDecoder() -> StreamDecoder { StreamDecoder(self) }

  private func contains(_ token: Int32) -> Bool { token >= 0 && Int(token) < vocabulary.count }
}
