/// How a conversation is written down for a model: one of the formats in use, with its variations.
///
/// Template texts in model files are programs in the Jinja language. This package does not run them, it recognises
/// them.
///
/// ```swift
/// let template = try file.chatTemplate()
/// let tokens = tokenizer.encode([.user("What is a crossbar?")], template: template)
/// ```
public struct ChatTemplate: Sendable, Hashable, Codable {
  /// The formats.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// `<|im_start|>user⏎…<|im_end|>⏎`: SmolLM2, Qwen2 and many others.
    case chatML = "chatml"
    /// `<|start_header_id|>user<|end_header_id|>⏎⏎…<|eot_id|>`: Llama 3.
    case llama3
    /// `[INST] … [/INST] …</s>`: Mistral.
    case mistral
  }

  /// The format.
  public var kind: Kind
  /// What the system says when the conversation does not begin with a system message.
  public var defaultSystemMessage: String?
  /// What stands before every system message (Llama 3.1: two lines with dates); such formats always have a system turn.
  public var systemPreamble: String?
  /// Whether spaces separate `[INST]` and `[/INST]` from the text (Mistral).
  public var spacesInstructions: Bool

  /// A format with the given variations.
  public init(
    _ kind: Kind, defaultSystemMessage: String? = nil, systemPreamble: String? = nil, spacesInstructions: Bool = true
  ) {
    self.kind = kind
    self.defaultSystemMessage = defaultSystemMessage
    self.systemPreamble = systemPreamble
    self.spacesInstructions = spacesInstructions
  }

  /// The plain format of the given name, as `--template` takes it: `chatml`, `llama3` or `mistral`.
  public init(named name: String) throws(ChatTemplateError) {
    guard let kind = Kind(rawValue: name.lowercased()) else { throw .unknownName(name) }
    self.init(kind)
  }

  /// The texts that end the model's turn.
  public var stopStrings: [String] {
    switch kind {
    case .chatML: ["<|im_end|>"]
    case .llama3: ["<|eot_id|>", "<|eom_id|>"]
    case .mistral: ["</s>"]
    }
  }

  /// The conversation as one text.
  ///
  /// - Parameters:
  ///   - messages: The turns.
  ///   - addGenerationPrompt: Whether the beginning of the model's next turn follows.
  public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool = true) -> String {
    segments(messages, addGenerationPrompt: addGenerationPrompt).map(\.text).joined()
  }
}
