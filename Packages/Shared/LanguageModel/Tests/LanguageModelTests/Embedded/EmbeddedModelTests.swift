import Foundation
import LanguageModel
import Testing

@Suite("Embedded model")
struct EmbeddedModelTests {
  @Test("it opens, is small, and knows what its world is made of")
  func knowledge() async throws {
    let file = try EmbeddedModel.file()
    let size = try #require(try file.url.resourceValues(forKeys: [.fileSizeKey]).fileSize)
    #expect(size < 2_000_000)
    #expect(file.config.parameterCount < 1_000_000)
    let chat = LocalChatModel(
      try LlamaModel(file), tokenizer: try file.tokenizer(), template: try file.chatTemplate())
    for (question, answer) in [
      ("What does a cache do?", "A cache keeps copies of recent data close to the core."),
      ("What is pruning?", "Pruning removes weights that matter little."),
      ("What is fusion?", "Fusion joins two loops into one."),
    ] {
      let reply = try await chat.reply(to: ChatRequest([.user(question)], maximumTokens: 60))
      #expect(reply.text == answer && reply.finishReason == .stopToken)
    }
  }

  @Test("it predicts unseen documents of its world")
  func perplexity() throws {
    let file = try EmbeddedModel.file()
    let tokenizer = try file.tokenizer()
    var corpus = TinyCorpus(seed: 99)
    var tokens: [Int32] = []
    for _ in 0..<60 {
      tokens.append(0)
      switch corpus.next() {
      case .text(let text): tokens += tokenizer.encode(text)
      case .dialogue(let messages):
        tokens += tokenizer.encode(messages, template: try file.chatTemplate(), addGenerationPrompt: false)
      }
    }
    let fast = try LlamaModel(file).perplexity(of: tokens, window: 256)
    let exact = try LlamaModel(file, options: .exact).perplexity(of: tokens, window: 256)
    #expect(exact.meanLoss < 1)
    #expect(abs(fast.meanLoss - exact.meanLoss) < 0.01)
  }

  @Test("a short training writes a file that loads and has learned something")
  func training() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("tiny.gguf")
    var last: LlamaTrainer.Step?
    let result = try EmbeddedModel.train(
      to: url, trainer: LlamaTrainer(steps: 12, batch: 2, length: 32, seed: 3), documents: 200
    ) { last = $0 }
    #expect(last?.step == 12 && result.trainingTokens > 1000)
    // ln 512 = 6.2 is what a model that knows nothing has.
    #expect(result.heldOutLoss < 5.8)
    let file = try ModelFile(contentsOf: url)
    #expect(file.config.parameterCount == result.parameters && file.config.vocabulary == result.vocabulary)
    #expect(try file.chatTemplate().kind == .chatML)
  }
}
