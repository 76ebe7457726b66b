import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("Generation")
struct GenerationTests {
  /// A model with a real tokenizer of eight tokens: a, b, c, ab, abc, blank and two control tokens.
  private func setup() throws -> (LlamaModel, Tokenizer) {
    let folder = try TemporaryFolder()
    try TinyModel.writer(TinyModel.config(layers: 2)).write(to: folder.file("m.gguf"))
    let file = try ModelFile(contentsOf: folder.file("m.gguf"))
    return (try LlamaModel(file, options: .exact), try file.tokenizer())
  }

  @Test("greedy generation is the chain of most probable tokens")
  func greedy() throws {
    let model = try TinyLlama.make()
    var loop = try DecodingLoop(
      model, tokenizer: nil, prompt: [1, 2, 3], options: GenerationOptions(maximumTokens: 12))
    var steps: [GeneratedToken] = []
    while let step = try loop.next() { steps.append(step) }
    var expected: [Int32] = [1, 2, 3]
    for _ in 0..<12 {
      var cache = model.makeCache()
      expected.append(Int32(try model.forward(expected, cache: &cache).argmaxRows()[0]))
    }
    #expect(steps.map(\.token) == Array(expected[3...]))
    #expect(loop.finishReason == .length)
    #expect(try loop.completedCache().tokens == expected)
    #expect(steps.allSatisfy { $0.logProbability <= 0 && !$0.isForced })
  }

  @Test("generation continues a cache, also without a prompt")
  func continuation() throws {
    let model = try TinyLlama.make()
    let options = GenerationOptions(maximumTokens: 5)
    var whole = try DecodingLoop(model, tokenizer: nil, prompt: [1, 2, 3, 4], options: options)
    var cache = model.makeCache()
    _ = try model.forward([1, 2, 3, 4], cache: &cache, logits: .none)
    var rest = try DecodingLoop(model, tokenizer: nil, prompt: [], cache: cache, options: options)
    while let step = try whole.next() { #expect(try rest.next()?.token == step.token) }
    #expect(throws: LanguageModelError.self) { try DecodingLoop(model, tokenizer: nil, prompt: []) }
  }

  @Test("the asynchronous stream gives the same tokens")
  func stream() async throws {
    let model = try TinyLlama.make()
    let options = GenerationOptions(sampling: SamplingOptions(seed: 3), maximumTokens: 9)
    var loop = try DecodingLoop(model, tokenizer: nil, prompt: [7], options: options)
    var expected: [Int32] = []
    while let step = try loop.next() { expected.append(step.token) }
    var found: [Int32] = []
    for try await step in TextGenerator(model, tokenizer: nil, prompt: [7], options: options) {
      found.append(step.token)
    }
    #expect(found == expected && found.count == 9)
  }

  @Test("cancelling ends the stream between tokens")
  func cancellation() async throws {
    let model = try TinyLlama.make()
    let task = Task {
      var count = 0
      let options = GenerationOptions(maximumTokens: 900)
      for try await _ in TextGenerator(model, tokenizer: nil, prompt: [7], options: options) {
        count += 1
        if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return count
    }
    #expect(try await task.value == 3)
  }

  @Test("stop strings end the text before them, even across tokens")
  func stopStrings() throws {
    let (model, tokenizer) = try setup()
    let options = GenerationOptions(
      sampling: SamplingOptions(seed: 5), maximumTokens: 40, stopsAtEndTokens: false)
    var free = try DecodingLoop(model, tokenizer: tokenizer, prompt: [0], options: options)
    var text = ""
    while let step = try free.next() { text += step.text }
    #expect(text == tokenizer.decode(free.tokens))
    let stop = String(Array(text)[10..<13])
    var stopping = options
    stopping.stopStrings = ["never there", stop]
    var loop = try DecodingLoop(model, tokenizer: tokenizer, prompt: [0], options: stopping)
    var before = ""
    while let step = try loop.next() { before += step.text }
    #expect(loop.finishReason == .stopString)
    let range = try #require(text.range(of: stop))
    #expect(before == String(text[..<range.lowerBound]))
  }

  @Test("constrained texts match, whatever the model would like", arguments: [UInt64](1...12))
  func constrained(seed: UInt64) throws {
    let (model, tokenizer) = try setup()
    let pattern = "abc (a|b){3}c( ab){1,2}"
    let constraint = try ByteConstraint(pattern: pattern, tokenizer: tokenizer)
    let options = GenerationOptions(sampling: SamplingOptions(temperature: 3, seed: seed), maximumTokens: 40)
    var loop = try DecodingLoop(model, tokenizer: tokenizer, prompt: [1], options: options, constraint: constraint)
    var text = ""
    var forced = 0
    while let step = try loop.next() {
      text += step.text
      forced += step.isForced ? 1 : 0
    }
    #expect(try ByteAutomaton(pattern: pattern).matches(text.utf8), "\(text)")
    #expect(loop.finishReason == .constraintComplete || loop.finishReason == .stopToken)
    #expect(forced >= 2)
    #expect(try loop.completedCache().tokens == [1] + loop.tokens)
  }

  @Test("a constraint that the vocabulary cannot write is reported")
  func deadEnd() throws {
    let (model, tokenizer) = try setup()
    let constraint = try ByteConstraint(pattern: "axb", tokenizer: tokenizer)
    var loop = try DecodingLoop(model, tokenizer: tokenizer, prompt: [1], constraint: constraint)
    #expect(throws: LanguageModelError.self) { while try loop.next() != nil {} }
  }
}
