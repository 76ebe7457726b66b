import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("Scoring")
struct ScoringTests {
  private func logProbabilities(_ model: LlamaModel, _ prefix: [Int32], _ tokens: [Int32]) throws -> [Double] {
    var cache = model.makeCache()
    let logits = try model.forward(prefix + tokens, cache: &cache, logits: .all)
    let values = logits.scalars.map(Double.init)
    return tokens.enumerated().map { index, token in
      let row = values[(prefix.count - 1 + index) * 203..<(prefix.count + index) * 203]
      let largest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - largest) }
      return row[row.startIndex + Int(token)] - largest - log(sum)
    }
  }

  @Test("continuations behind a shared prefix score like whole sequences", arguments: [1, 64, 130])
  func score(prefixLength: Int) throws {
    let model = try TinyLlama.make()
    let prefix = TinyLlama.tokens(prefixLength)
    let options = [3, 1, 7, 12].enumerated().map { TinyLlama.tokens($0.element, seed: UInt64($0.offset + 5)) }
    var cache = model.makeCache()
    let last = try model.forward(prefix, cache: &cache)
    let scores = try model.scoreTokens(options, after: cache)
    let again = try model.scoreTokens(options, after: cache, lastLogits: last)
    for (index, option) in options.enumerated() {
      let expected = try logProbabilities(model, prefix, option)
      #expect(zip(scores[index], expected).allSatisfy { abs($0 - $1) < 1e-4 })
      #expect(zip(again[index], expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(cache.count == prefixLength)
    #expect(try model.score(options, after: cache).count == 4)
    #expect(throws: LanguageModelError.self) { try model.score([[]], after: cache) }
    #expect(throws: LanguageModelError.self) { try model.score([[1]], after: model.makeCache()) }
  }

  @Test("perplexity is the exponential of the mean loss over windows")
  func perplexity() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(150)
    let result = try model.perplexity(of: tokens, window: 64)
    var losses: [Double] = []
    for start in [0, 64, 128] {
      let window = Array(tokens[start..<min(start + 64, 150)])
      losses += try logProbabilities(model, [window[0]], Array(window.dropFirst()))
    }
    let mean = -losses.reduce(0, +) / Double(losses.count)
    #expect(result.tokens == 147 && result.windowLosses.count == 3)
    #expect(abs(result.meanLoss - mean) < 1e-5)
    #expect(abs(result.value - exp(mean)) < 1e-2)
    #expect(throws: LanguageModelError.self) { try model.perplexity(of: [1]) }
  }
}
