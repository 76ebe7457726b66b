/// What a token is for, with the numbers of `tokenizer.ggml.token_type`.
enum TokenKind: UInt8, Sendable {
  /// A piece of text.
  case normal = 1
  /// Stands for what cannot be encoded.
  case unknown = 2
  /// Structure, such as the end of a turn; never the result of plain text.
  case control = 3
  /// A text that is always one token.
  case userDefined = 4
  /// A placeholder.
  case unused = 5
  /// A single byte, written `<0xAB>`.
  case byte = 6
}
