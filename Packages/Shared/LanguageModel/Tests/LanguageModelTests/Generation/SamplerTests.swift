import Foundation
import LanguageModel
import Testing

@Suite("Samplers")
struct SamplerTests {
  private let logits: [Float] = [1, 3, 2, -1, 3, 0]

  private func frequencies(_ options: SamplingOptions, draws: Int = 20_000) throws -> [Double] {
    var sampler = try Sampler(options)
    var counts = [Double](repeating: 0, count: logits.count)
    for _ in 0..<draws { counts[Int(try sampler.choose(logits).token)] += 1 }
    return counts.map { $0 / Double(draws) }
  }

  private func softmax(_ temperature: Double, _ kept: [Int]) -> [Double] {
    var weights = [Double](repeating: 0, count: logits.count)
    for token in kept { weights[token] = exp(Double(logits[token]) / temperature) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  @Test("greedy takes the first of the largest")
  func greedy() throws {
    var sampler = try Sampler(.greedy)
    let choice = try sampler.choose(logits)
    #expect(choice.token == 1)
    #expect(abs(choice.logProbability - log(softmax(1, Array(0..<6))[1])) < 1e-6)
  }

  @Test("draws follow the filtered distribution")
  func distributions() throws {
    let cases: [(SamplingOptions, [Double])] = [
      (SamplingOptions(), softmax(1, Array(0..<6))), (SamplingOptions(temperature: 0.5), softmax(0.5, Array(0..<6))),
      (SamplingOptions(topK: 3), softmax(1, [1, 4, 2])), (SamplingOptions(topK: 1), softmax(1, [1])),
      (SamplingOptions(topP: 0.8), softmax(1, [1, 4, 2])), (SamplingOptions(minP: 0.3), softmax(1, [1, 4, 2])),
      (SamplingOptions(temperature: 2, topK: 4, minP: 0.5), softmax(2, [1, 4, 2])),
    ]
    for (options, expected) in cases {
      let found = try frequencies(options)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 0.015 }, "\(options): \(found) \(expected)")
    }
  }

  @Test("the seed decides")
  func seed() throws {
    func draws(_ seed: UInt64) throws -> [Int32] {
      var sampler = try Sampler(SamplingOptions(seed: seed))
      return try (0..<50).map { _ in try sampler.choose(logits).token }
    }
    #expect(try draws(1) == draws(1))
    #expect(try draws(1) != draws(2))
  }

  @Test("repetition penalty and constraints")
  func restrictions() throws {
    var sampler = try Sampler(SamplingOptions(temperature: 0, repetitionPenalty: 2))
    #expect(try sampler.choose(logits, history: [1, 4]).token == 2)
    #expect(try sampler.choose(logits, allowed: TokenSet([3, 5], vocabulary: 6)).token == 5)
    #expect(throws: LanguageModelError.self) { try sampler.choose(logits, allowed: TokenSet(vocabulary: 6)) }
    #expect(throws: LanguageModelError.self) { try sampler.choose([.nan, 1]) }
    let wrong = [
      SamplingOptions(temperature: -1), SamplingOptions(topK: -1), SamplingOptions(topP: 0), SamplingOptions(minP: 2),
      SamplingOptions(repetitionPenalty: 0), SamplingOptions(temperature: .nan),
    ]
    for options in wrong { #expect(throws: LanguageModelError.self) { try Sampler(options) } }
  }
}
