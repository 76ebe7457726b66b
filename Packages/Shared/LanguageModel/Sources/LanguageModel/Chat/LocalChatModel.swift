import Foundation

/// The local runtime as a ``ChatModel``.
///
/// It keeps the KV cache of the last request: a conversation that grows, or a prompt that is asked again with another ending, is
/// read from where it differs.
///
/// ```swift
/// let model = try LocalChatModel(contentsOf: url)
/// let reply = try await model.reply(to: ChatRequest([.user("What is a crossbar?")]))
/// ```
public final class LocalChatModel: LikelihoodModel {
  /// The transformer.
  public let model: LlamaModel
  /// Its tokenizer.
  public let tokenizer: Tokenizer
  /// How conversations are written down for it.
  public let template: ChatTemplate
  private let prefixes = PrefixStore()

  /// A chat model of parts.
  public init(_ model: LlamaModel, tokenizer: Tokenizer, template: ChatTemplate) {
    self.model = model
    self.tokenizer = tokenizer
    self.template = template
  }

  /// Loads a model file with its tokenizer and, unless one is given, its chat format.
  ///
  /// - Throws: ``ModelFileError``, ``TokenizerError``, ``ChatTemplateError`` or ``LanguageModelError``.
  public convenience init(
    contentsOf url: URL, template: ChatTemplate? = nil, options: ModelOptions = ModelOptions()
  ) throws {
    let file = try ModelFile(contentsOf: url)
    self.init(
      try LlamaModel(file, options: options), tokenizer: try file.tokenizer(),
      template: try template ?? file.chatTemplate())
  }

  public var capabilities: ChatCapabilities {
    ChatCapabilities(
      name: model.config.name, origin: .local, reusesPrefixes: true, scoresLikelihoods: true,
      contextLimit: model.contextLimit)
  }

  /// The tokens of a conversation, up to where the answer begins.
  public func promptTokens(_ messages: [ChatMessage]) -> [Int32] { tokenizer.encode(messages, template: template) }

  public func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          try await generate(request) { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  public func score(_ continuations: [String], after prompt: ScoringPrompt) async throws -> [Double] {
    let lists = continuations.map { tokenizer.encode($0, special: .asText) }
    if let empty = lists.firstIndex(of: []) {
      throw LanguageModelError(.invalidArgument, "continuation \(empty) has no tokens", remedy: "give it some text")
    }
    let tokens = scoringTokens(prompt)
    guard !tokens.isEmpty else {
      throw LanguageModelError(.invalidArgument, "there is nothing before the continuations", remedy: "give a prompt")
    }
    var cache = await prefixes.take(for: tokens, atMost: tokens.count) ?? model.makeCache()
    _ = try model.forward(Array(tokens[cache.count...]), cache: &cache, logits: .none)
    await prefixes.keep(cache)
    return try model.score(lists, after: cache)
  }

  private func scoringTokens(_ prompt: ScoringPrompt) -> [Int32] {
    let text = tokenizer.encode(prompt.text, special: .asText)
    if !prompt.messages.isEmpty { return promptTokens(prompt.messages) + text }
    return (tokenizer.addsBeginToken ? [tokenizer.beginToken].compactMap { $0 } : []) + text
  }

  private func generate(_ request: ChatRequest, _ emit: (ChatEvent) -> Void) async throws {
    let tokens = promptTokens(request.messages)
    // The last token is computed anew, for its logits.
    let context = await prefixes.take(for: tokens, atMost: tokens.count - 1) ?? model.makeCache()
    var loop = try DecodingLoop(
      model, tokenizer: tokenizer, prompt: Array(tokens[context.count...]), cache: context,
      options: GenerationOptions(
        sampling: request.sampling, maximumTokens: request.maximumTokens, stopStrings: request.stopStrings))
    do {
      while let step = try loop.next() {
        if !step.text.isEmpty { emit(.text(step.text)) }
        // Other tasks of the pool get their turn between tokens.
        await Task.yield()
      }
    } catch {
      await prefixes.keep(context)
      throw error
    }
    await prefixes.keep(loop.cache)
    emit(
      .finished(
        loop.finishReason ?? .stopToken,
        TokenUsage(
          promptTokens: tokens.count, reusedTokens: context.count, completionTokens: loop.tokens.count)))
  }
}

/// The cache of the last request, for the next one. Requests that run at the same time compute on caches of their own.
private actor PrefixStore {
  private var cache: KVCache?

  /// What is known of the beginning of `tokens`, at most so many of them.
  func take(for tokens: [Int32], atMost limit: Int) -> KVCache? {
    guard var found = cache else { return nil }
    cache = nil
    found.truncate(to: max(0, min(found.longestCommonPrefix(with: tokens), limit)))
    return found
  }

  func keep(_ cache: KVCache) { self.cache = cache }
}
