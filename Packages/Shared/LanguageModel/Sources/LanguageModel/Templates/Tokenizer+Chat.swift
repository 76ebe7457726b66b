import Foundation

extension Tokenizer {
  /// The tokens of a conversation.
  ///
  /// The text is the same as that of ``ChatTemplate/render(_:addGenerationPrompt:)``, but control tokens are recognised
  /// in the format's own text only: a message that contains `<|im_end|>` cannot end its turn.
  public func encode(
    _ messages: [ChatMessage], template: ChatTemplate, addGenerationPrompt: Bool = true
  ) -> [Int32] {
    var bytes: [UInt8] = []
    var isMarkup: [Bool] = []
    for segment in template.segments(messages, addGenerationPrompt: addGenerationPrompt) {
      let start = bytes.count
      bytes.append(contentsOf: (normalizes ? segment.text.precomposedStringWithCanonicalMapping : segment.text).utf8)
      isMarkup.append(contentsOf: repeatElement(segment.isMarkup, count: bytes.count - start))
    }
    return encode(bytes) { isMarkup[$0] }
  }
}
