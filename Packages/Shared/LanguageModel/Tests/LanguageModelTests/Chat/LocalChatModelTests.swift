import LanguageModel
import Testing

@Suite("Local chat model")
struct LocalChatModelTests {
  private func model() throws -> LocalChatModel {
    let file = try EmbeddedModel.file()
    return LocalChatModel(try LlamaModel(file), tokenizer: try file.tokenizer(), template: try file.chatTemplate())
  }

  private static let conversation: [ChatMessage] = [.user("Count from 2 to 5.")]

  @Test("the stream is the greedy continuation of the written conversation")
  func complete() async throws {
    let chat = try model()
    let prompt = chat.promptTokens(Self.conversation)
    var loop = try DecodingLoop(
      chat.model, tokenizer: chat.tokenizer, prompt: prompt, options: GenerationOptions(maximumTokens: 40))
    var expected = ""
    while let step = try loop.next() { expected += step.text }
    let reply = try await chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 40))
    #expect(reply.text == expected && !expected.isEmpty)
    #expect(reply.finishReason == loop.finishReason)
    #expect(
      reply.usage
        == TokenUsage(promptTokens: prompt.count, reusedTokens: 0, completionTokens: loop.tokens.count))
  }

  @Test("a second turn reads only what is new and answers like a fresh model")
  func reuse() async throws {
    let chat = try model()
    let first = try await chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 20))
    let next = Self.conversation + [.assistant(first.text), .user("What is 3 + 4?")]
    let continued = try await chat.reply(to: ChatRequest(next, maximumTokens: 20))
    let fresh = try await model().reply(to: ChatRequest(next, maximumTokens: 20))
    #expect(continued.text == fresh.text && continued.finishReason == fresh.finishReason)
    let reused = try #require(continued.usage?.reusedTokens)
    #expect(reused >= chat.promptTokens(Self.conversation).count && fresh.usage?.reusedTokens == 0)
    // Another beginning: nothing of the old conversation may shine through.
    let other = try await chat.reply(to: ChatRequest([.user("Who are you?")], maximumTokens: 20))
    #expect(other.text == (try await model().reply(to: ChatRequest([.user("Who are you?")], maximumTokens: 20)).text))
  }

  @Test("stop strings and token limits end the answer")
  func limits() async throws {
    let chat = try model()
    let whole = try await chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 40))
    let cut = try await chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 40, stopStrings: [","]))
    #expect(whole.text.hasPrefix(cut.text) && cut.finishReason == .stopString && !cut.text.contains(","))
    let short = try await chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 1))
    #expect(short.finishReason == .length && short.usage?.completionTokens == 1)
  }

  @Test("a conversation that does not fit says so")
  func overflow() async throws {
    let long = String(repeating: "What is 3 + 4? ", count: 200)
    await #expect(throws: LanguageModelError.self) {
      try await self.model().reply(to: ChatRequest([.user(long)], maximumTokens: 5))
    }
  }

  @Test("cancelling the reader ends the stream")
  func cancellation() async throws {
    let chat = try model()
    let task = Task {
      try await chat.reply(to: ChatRequest(Self.conversation, sampling: SamplingOptions(seed: 1), maximumTokens: 400))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    // The model still answers.
    #expect(try await !chat.reply(to: ChatRequest(Self.conversation, maximumTokens: 9)).text.isEmpty)
  }

  @Test("scores are those of the tokens behind the prompt, and prefer what is true")
  func score() async throws {
    let chat = try model()
    let question = [ChatMessage.user("What is 2 + 2?")]
    let options = ["4.", "9."]
    let scores = try await chat.score(options, after: ScoringPrompt("2 + 2 = ", answering: question))
    var cache = chat.model.makeCache()
    let prompt = chat.promptTokens(question) + chat.tokenizer.encode("2 + 2 = ")
    _ = try chat.model.forward(prompt, cache: &cache, logits: .none)
    #expect(scores == (try chat.model.score(options.map { chat.tokenizer.encode($0) }, after: cache)))
    #expect(scores[0] > scores[1])
    let again = try await chat.score(options, after: ScoringPrompt("2 + 2 = ", answering: question))
    #expect(again == scores)
    #expect(try await chat.score([" cache"], after: ScoringPrompt("a")).count == 1)
    await #expect(throws: LanguageModelError.self) { try await chat.score(["a", ""], after: ScoringPrompt("b")) }
    await #expect(throws: LanguageModelError.self) { try await chat.score(["a"], after: ScoringPrompt("")) }
  }

  @Test("what it says of itself")
  func capabilities() throws {
    let capabilities = try model().capabilities
    #expect(capabilities.origin == .local && capabilities.reusesPrefixes && capabilities.scoresLikelihoods)
    #expect(capabilities.contextLimit == 512 && !capabilities.name.isEmpty)
  }
}
