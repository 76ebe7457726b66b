import LanguageModel

/// Any chat model as a proposer: an OpenAI-compatible server, a local model that writes freely, or a stub.
///
/// Answers are read by ``AnswerParser``; what is no cell is counted, never repaired in silence.
public struct ChatProposer: Proposer {
  public let identity: ProposerIdentity
  private let model: any ChatModel
  private let prompts: Prompts
  private let task: PromptTask
  private let temperature: Double

  /// A proposer that asks a model.
  ///
  /// - Parameter kind: `openai`, `local-free`, … for reports.
  public init(
    _ model: any ChatModel, kind: String, prompts: Prompts, task: PromptTask, temperature: Double = 1
  ) {
    self.model = model
    self.prompts = prompts
    self.task = task
    self.temperature = temperature
    identity = ProposerIdentity(
      kind: kind, model: model.capabilities.name, temperature: temperature,
      isReplayed: model.capabilities.origin == .replayed)
  }

  public func updateKnowledge(_ request: KnowledgeRequest) async throws -> KnowledgeReply {
    let (text, tokens) = try await ask(prompts.messages(request, task: task), seed: request.seed)
    let parsed = AnswerParser.rules(
      text, niche: request.niche, generation: request.generation, source: identity.kind)
    return KnowledgeReply(rules: parsed.rules, unusable: parsed.unusable, tokens: tokens, raw: text)
  }

  public func propose(_ request: ProposalRequest) async throws -> ProposalReply {
    let (text, tokens) = try await ask(prompts.messages(request, task: task), seed: request.seed)
    let parsed = AnswerParser.cells(text)
    return ProposalReply(parsed.proposals, unparsable: parsed.unparsable, tokens: tokens, raw: text)
  }

  private func ask(_ messages: [ChatMessage], seed: UInt64) async throws -> (String, TokenCount) {
    let reply = try await model.reply(
      to: ChatRequest(
        messages, sampling: SamplingOptions(temperature: temperature, seed: seed), maximumTokens: 600))
    var tokens = TokenCount()
    tokens.read = reply.usage?.promptTokens ?? 0
    tokens.written = reply.usage?.completionTokens ?? 0
    return (reply.text, tokens)
  }
}
