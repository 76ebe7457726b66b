import Foundation
import LanguageModel
import Testing
import TinyNN
import TinyTensor

@Suite("Training from scratch")
struct TrainableLlamaTests {
  private static let config = LlamaConfig(
    name: "small", layers: 2, width: 32, heads: 4, kvHeads: 2, headSize: 8, feedForward: 48, vocabulary: 40, context: 32
  )

  @Test("its logits are those of the runtime")
  func agreement() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("model.gguf")
    let model = try TrainableLlama(Self.config, seed: 3)
    try model.write(to: url, type: .f32)
    let runtime = try LlamaModel(ModelFile(contentsOf: url), options: .exact)
    let sequences = (0..<3).map { TinyLlama.tokens(17, seed: UInt64($0), vocabulary: 40) }
    let logits = withoutGradients { model.logits(sequences).value }
    for (index, tokens) in sequences.enumerated() {
      var cache = runtime.makeCache()
      let expected = try runtime.forward(tokens, cache: &cache, logits: .all)
      #expect(largestDifference(logits.slice(index * 17..<(index + 1) * 17), expected) < 1e-4)
    }
  }

  @Test("gradients are those of finite differences along a direction")
  func gradients() throws {
    let model = try TrainableLlama(Self.config, seed: 4)
    let tokens = TinyLlama.tokens(24, vocabulary: 40)
    func loss() -> Variable {
      crossEntropy(model.logits([Array(tokens[..<12])]), labels: tokens[1...12].map(Int.init))
    }
    loss().backward()
    for parameter in model.parameters {
      let gradient = try #require(parameter.gradient, "\(parameter)")
      let start = parameter.value
      let scale = Float(1e-2) / max(gradient.norm(), 1e-6)
      func moved(_ step: Float) -> Double {
        parameter.value = start + gradient * (step * scale)
        return withoutGradients { Double(loss().value.item) }
      }
      let slope = (moved(1) - moved(-1)) / 2
      parameter.value = start
      let expected = gradient.sumOfSquares() * Double(scale)
      #expect(abs(slope - expected) < 0.02 * expected + 2e-5, "\(parameter.name ?? "")")
    }
  }

  @Test("training learns a repeating text, the same way with one thread and two")
  func learns() throws {
    let tokens = (0..<300).map { Int32([3, 1, 4, 1, 5, 9, 2, 6][$0 % 8]) }
    let trainer = LlamaTrainer(steps: 60, batch: 4, length: 16, learningRate: 1e-2, seed: 2)
    func run(threads: Int) throws -> (losses: [Float], weights: [Tensor]) {
      try Threads.withCount(threads) {
        let model = try TrainableLlama(Self.config, seed: 1)
        var steps = 0
        let losses = try trainer.train(model, on: tokens) { steps = $0.step }
        #expect(steps == 60)
        return (losses, model.parameters.map(\.value))
      }
    }
    let one = try run(threads: 1)
    #expect(one.losses[0] > 2.5 && one.losses[59] < 0.3)
    let two = try run(threads: 2)
    #expect(one.losses == two.losses && one.weights == two.weights)
  }

  @Test("impossible trainings are refused")
  func refusals() throws {
    let model = try TrainableLlama(Self.config, seed: 1)
    let tokens = TinyLlama.tokens(100, vocabulary: 40)
    for trainer in [
      LlamaTrainer(steps: 0, batch: 1, length: 8), LlamaTrainer(steps: 1, batch: 1, length: 33),
      LlamaTrainer(steps: 1, batch: 1, length: 100),
    ] {
      #expect(throws: LanguageModelError.self) { try trainer.train(model, on: tokens) }
    }
    #expect(throws: LanguageModelError.self) {
      try LlamaTrainer(steps: 1, batch: 1, length: 8).train(model, on: tokens + [40])
    }
    var biased = Self.config
    biased.qkvBias = true
    #expect(throws: LanguageModelError.self) { try TrainableLlama(biased, seed: 1) }
  }
}
