/// Turns tokens into text as they come, without ever giving out half a character: bytes that may be the beginning of a
/// UTF-8 sequence wait for the rest.
///
/// The pieces put together are the same as ``Tokenizer/decode(_:)`` of all tokens.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private var pending: [UInt8] = []

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// Takes the next token and gives the text that is complete now; often empty in the middle of an emoji.
  public mutating func append(_ token: Int32) -> String {
    pending.append(contentsOf: tokenizer.bytes(of: token))
    return flush(keeping: UTF8Sequence.incompleteTail(pending))
  }

  /// Gives what is left at the end, U+FFFD for an incomplete character, and starts anew.
  public mutating func finish() -> String { flush(keeping: 0) }

  private mutating func flush(keeping count: Int) -> String {
    let complete = pending.count - count
    let text = String(decoding: pending[..<complete], as: UTF8.self)
    pending.removeSubrange(..<complete)
    return text
  }
}
