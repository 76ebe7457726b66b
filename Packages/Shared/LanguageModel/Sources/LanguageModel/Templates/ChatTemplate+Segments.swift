import Foundation

extension ChatTemplate {
  /// A part of a written conversation.
  struct Segment: Hashable {
    let text: String
    /// Whether the text is the format's own, and not somebody's words.
    let isMarkup: Bool

    static func markup(_ text: String) -> Segment { Segment(text: text, isMarkup: true) }
    static func words(_ text: String) -> Segment { Segment(text: text, isMarkup: false) }
  }

  /// The conversation, with the format's own text told apart from the words of the messages.
  func segments(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> [Segment] {
    switch kind {
    case .chatML: chatML(withDefaultSystem(messages), addGenerationPrompt)
    case .llama3: llama3(withDefaultSystem(messages), addGenerationPrompt)
    case .mistral: mistral(withDefaultSystem(messages))
    }
  }

  private func withDefaultSystem(_ messages: [ChatMessage]) -> [ChatMessage] {
    if messages.first?.role == .system { return messages }
    guard let message = defaultSystemMessage ?? (systemPreamble == nil ? nil : "") else { return messages }
    return [.system(message)] + messages
  }

  private func chatML(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) -> [Segment] {
    var segments: [Segment] = []
    for message in messages {
      segments += [.markup("<|im_start|>\(message.role.rawValue)\n"), .words(message.content), .markup("<|im_end|>\n")]
    }
    if addGenerationPrompt { segments.append(.markup("<|im_start|>assistant\n")) }
    return segments
  }

  private func llama3(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) -> [Segment] {
    func header(_ role: String) -> Segment { .markup("<|start_header_id|>\(role)<|end_header_id|>\n\n") }
    var segments: [Segment] = [.markup("<|begin_of_text|>")]
    for message in messages {
      segments.append(header(message.role.rawValue))
      if message.role == .system, let systemPreamble { segments.append(.markup(systemPreamble)) }
      let content = message.content.trimmingCharacters(in: .whitespacesAndNewlines)
      segments += [.words(content), .markup("<|eot_id|>")]
    }
    if addGenerationPrompt { segments.append(header("assistant")) }
    return segments
  }

  /// System messages have no place of their own: they go before the next message of the user.
  private func mistral(_ messages: [ChatMessage]) -> [Segment] {
    let space = spacesInstructions ? " " : ""
    var segments: [Segment] = [.markup("<s>")]
    var instructions = ""
    for message in messages {
      switch message.role {
      case .system: instructions += message.content + "\n\n"
      case .user:
        segments += [.markup("[INST]\(space)"), .words(instructions + message.content), .markup("\(space)[/INST]")]
        instructions = ""
      case .assistant: segments += [.markup(space), .words(message.content), .markup("</s>")]
      }
    }
    return segments
  }
}
