import LanguageModel
import Testing
import TinyNN
import TinyTensor

@Suite("Differentiable model")
struct GradientTests {
  private static func soft(_ count: Int, _ stream: String) -> Variable {
    var generator = Philox(seed: 6, stream: stream)
    return Variable(
      .normal([count, 96], standardDeviation: 0.5, using: &generator), requiresGradient: true, name: stream)
  }

  private static func teacher(_ rows: Int) -> Tensor {
    var generator = Philox(seed: 8, stream: "teacher")
    return .normal([rows, 203], standardDeviation: 2, using: &generator)
  }

  @Test("logits agree with the inference path", arguments: [Numerics.exact, .fast])
  func agreement(numerics: Numerics) throws {
    let model = try TinyLlama.make(TinyLlama.config(qkvBias: true), options: ModelOptions(numerics: numerics, cachePrecision: .float32))
    let header = Self.soft(4, "header")
    let (a, b, task) = (TinyLlama.tokens(20), TinyLlama.tokens(45, seed: 2), TinyLlama.tokens(9, seed: 3))
    let logits = try DifferentiableModel(model).logits([
      TrainingSegment(.embeddings(header), .tokens(a), scope: .ownSegment),
      TrainingSegment(.embeddings(header), .tokens(b), scope: .ownSegment), TrainingSegment(.tokens(task)),
    ])
    var cache = model.makeCache()
    let expected = try model.forward(
      [
        InputSegment(.embeddings(header.value), .tokens(a), scope: .ownSegment),
        InputSegment(.embeddings(header.value), .tokens(b), scope: .ownSegment), InputSegment(tokens: task),
      ], cache: &cache, logits: .all)
    #expect(largestDifference(logits.value, expected) < (numerics == .exact ? 1e-4 : 2e-1))
  }

  @Test("a frozen context acts like its tokens")
  func context() throws {
    let model = try TinyLlama.make()
    let header = Self.soft(3, "header")
    var cache = model.makeCache()
    let text = TinyLlama.tokens(30)
    _ = try model.forward(text, cache: &cache, logits: .none)
    let behind = [TrainingSegment(.embeddings(header), .tokens([5, 6]))]
    let a = try DifferentiableModel(model).logits(behind, context: cache)
    let b = try DifferentiableModel(model).logits([TrainingSegment(.tokens(text))] + behind, rows: Array(30..<35))
    #expect(largestDifference(a.value, b.value) < 1e-4)
    klDivergence(student: a, teacher: Self.teacher(5)).backward()
    let first = try #require(header.gradient)
    header.clearGradient()
    klDivergence(student: b, teacher: Self.teacher(5)).backward()
    #expect(largestDifference(first, try #require(header.gradient)) < 1e-5)
  }

  @Test("gradients of soft tokens are those of finite differences", arguments: [false, true])
  func softTokens(checkpointing: Bool) throws {
    let model = try TinyLlama.make()
    let header = Self.soft(3, "header")
    let trailer = Self.soft(2, "trailer")
    let trainer = DifferentiableModel(model, checkpointing: checkpointing)
    let deviation = try GradientCheck.directional(parameters: [header, trailer]) {
      let logits = try trainer.logits(
        [
          TrainingSegment(.tokens([9, 8])),
          TrainingSegment(.embeddings(header), .tokens(TinyLlama.tokens(40)), .embeddings(trailer), scope: .ownSegment),
          TrainingSegment(.embeddings(header), .tokens(TinyLlama.tokens(11, seed: 2)), .embeddings(trailer), scope: .ownSegment),
          TrainingSegment(.tokens(TinyLlama.tokens(7, seed: 3))),
        ], rows: [63, 65, 68])
      return klDivergence(student: logits, teacher: Self.teacher(3))
    }
    #expect(deviation.error < 0.01, "\(deviation)")
  }

  @Test("gradients of adapters, factors and dense weights are those of finite differences", arguments: [RopePairing.interleaved, .halfSplit])
  func operators(pairing: RopePairing) throws {
    let model = try TinyLlama.make(TinyLlama.config(layers: 2, pairing: pairing))
    var generator = Philox(seed: 9, stream: "factors")
    func variable(_ shape: [Int], _ scale: Float) -> Variable {
      Variable(.normal(shape, standardDeviation: scale, using: &generator), requiresGradient: true)
    }
    var trainables: [LinearAddress: TrainableLinear] = [:]
    for site in LinearSite.allCases {
      let linear = model.linear(LinearAddress(layer: 0, site: site))
      trainables[LinearAddress(layer: 0, site: site)] = .lora(
        down: variable([4, linear.inputWidth], 0.1), up: variable([linear.outputWidth, 4], 0.3), scale: 0.5)
    }
    let shared = variable([96, 8], 0.1)
    for (layer, site) in [(1, LinearSite.query), (1, .gate), (1, .up)] {
      let linear = model.linear(LinearAddress(layer: layer, site: site))
      trainables[LinearAddress(layer: layer, site: site)] = .factored(
        basis: shared, coefficients: variable([8, linear.outputWidth], 0.3))
    }
    trainables[LinearAddress(layer: 1, site: .down)] = .dense(weight: variable([96, 160], 0.1))
    let trainer = DifferentiableModel(model, trainables: trainables)
    #expect(trainer.parameters.count == 14 + 1 + 3 + 1)
    let tokens = TinyLlama.tokens(35)
    for parameter in trainer.parameters {
      let deviation = try GradientCheck.directional(parameters: [parameter], directions: 2) {
        let logits = try trainer.logits([TrainingSegment(.tokens(tokens))], rows: [10, 33, 34])
        return crossEntropy(logits, labels: [5, 100, 7])
      }
      #expect(deviation.error < 0.01, "\(parameter.shape): \(deviation)")
    }
  }

  @Test("soft tokens learn")
  func learning() throws {
    let model = try TinyLlama.make()
    let trainer = DifferentiableModel(model)
    let header = Self.soft(4, "header")
    var optimizer = Adam()
    var losses: [Float] = []
    for _ in 0..<30 {
      let logits = try trainer.logits([TrainingSegment(.embeddings(header), .tokens([3, 4, 5]))], rows: [6])
      let loss = crossEntropy(logits, labels: [42])
      losses.append(loss.value.item)
      loss.backward()
      optimizer.step([header], learningRate: 0.05)
      header.clearGradient()
    }
    #expect(losses[29] < 0.3 * losses[0], "\(losses)")
  }
}
