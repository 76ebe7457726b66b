extension ChatTemplate {
  /// The format that a template text of a model file describes.
  ///
  /// - Throws: ``ChatTemplateError/unknown(template:)``, whose description says how to choose a format by name.
  public init(recognizing text: String) throws(ChatTemplateError) {
    // Template texts write line breaks either as such or as an escape sequence inside a quoted text.
    let template = text.replacing("\\n", with: "\n")
    if template.contains("<|im_start|>") && template.contains("<|im_end|>") {
      self.init(.chatML, defaultSystemMessage: Self.chatMLSystemMessage(template))
    } else if template.contains("<|start_header_id|>") && template.contains("<|eot_id|>") {
      self.init(.llama3, systemPreamble: template.contains("Cutting Knowledge Date") ? Self.llama31Preamble : nil)
    } else if template.contains("[INST]"), !template.contains("<<SYS>>"), !template.contains("[SYSTEM_PROMPT]") {
      let quotes = ["\"[INST]\"", "'[INST]'"]
      self.init(.mistral, spacesInstructions: !quotes.contains { template.contains($0) })
    } else {
      throw .unknown(template: text)
    }
  }

  /// What Llama 3.1 puts before system messages when no date is given.
  private static let llama31Preamble = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"

  /// The system message that is written out in a ChatML template: the first system turn without a variable in it.
  private static func chatMLSystemMessage(_ template: String) -> String? {
    for turn in template.split(separator: "<|im_start|>system\n", omittingEmptySubsequences: false).dropFirst() {
      guard let end = turn.firstRange(of: "<|im_end|>") else { continue }
      let message = turn[..<end.lowerBound]
      if !message.contains(where: { "{}+\"".contains($0) }) && !message.contains("' ") { return String(message) }
    }
    return nil
  }
}
