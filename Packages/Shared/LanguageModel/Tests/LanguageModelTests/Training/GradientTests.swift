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

  @Test("logits are those of the inference path, to the bit", arguments: [Numerics.exact, .fast])
  func agreement(numerics: Numerics) throws {
    let model = try TinyLlama.make(
      TinyLlama.config(qkvBias: true), options: ModelOptions(numerics: numerics, cachePrecision: .float32))
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
    #expect(logits.value == expected)
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

  @Test("gradients of soft tokens are those of the double precision transformer", arguments: [false, true])
  func softTokens(checkpointing: Bool) throws {
    let config = TinyLlama.config()
    let model = try TinyLlama.make(config)
    let reference = try DoubleReference(config)
    let header = Self.soft(3, "header")
    let trailer = Self.soft(2, "trailer")
    let texts = [TinyLlama.tokens(40), TinyLlama.tokens(11, seed: 2)]
    let (start, task): ([Int32], [Int32]) = ([9, 8], TinyLlama.tokens(7, seed: 3))
    let rows = [63, 65, 68]
    let trainer = DifferentiableModel(model, checkpointing: checkpointing)
    try reference.check([header, trailer], labels: [5, 100, 7]) {
      try trainer.logits(
        [TrainingSegment(.tokens(start))]
          + texts.map {
            TrainingSegment(.embeddings(header), .tokens($0), .embeddings(trailer), scope: .ownSegment)
          } + [TrainingSegment(.tokens(task))], rows: rows)
    } reference: { llama, soft in
      var embeddings = llama.embed(start)
      var owner = [0, 0]
      for (index, text) in texts.enumerated() {
        let segment = soft[0] + llama.embed(text) + soft[1]
        embeddings += segment
        owner += segment.map { _ in index + 1 }
      }
      embeddings += llama.embed(task)
      owner += task.map { _ in 3 }
      let logits = llama.logits(embeddings: embeddings) { i, j in owner[i] == owner[j] || owner[i] == 3 }
      return rows.map { logits[$0] }
    }
  }

  @Test(
    "gradients of adapters, factors and dense weights are those of the double precision transformer",
    arguments: [RopePairing.interleaved, .halfSplit])
  func operators(pairing: RopePairing) throws {
    let config = TinyLlama.config(layers: 2, pairing: pairing)
    let model = try TinyLlama.make(config)
    let reference = try DoubleReference(config)
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
    for site in [LinearSite.query, .gate, .up] {
      let linear = model.linear(LinearAddress(layer: 1, site: site))
      trainables[LinearAddress(layer: 1, site: site)] = .factored(
        basis: shared, coefficients: variable([8, linear.outputWidth], 0.3))
    }
    trainables[LinearAddress(layer: 1, site: .down)] = .dense(weight: variable([96, 160], 0.1))
    let trainer = DifferentiableModel(model, trainables: trainables)
    let parameters = trainer.parameters
    #expect(parameters.count == 14 + 1 + 3 + 1)
    let tokens = TinyLlama.tokens(20)
    let rows = [7, 18, 19]
    try reference.check(parameters, labels: [5, 100, 7]) {
      try trainer.logits([TrainingSegment(.tokens(tokens))], rows: rows)
    } reference: { llama, values in
      func value(_ variable: Variable) -> [[Double]] {
        parameters.firstIndex { $0 === variable }.map { values[$0] } ?? []
      }
      var weights: [LlamaTensor: [[Double]]] = [:]
      for (address, trainable) in trainables {
        let tensor = address.site.tensor(layer: address.layer)
        switch trainable {
        case .lora(let down, let up, let scale):
          let update = DoubleReference.product(value(up), value(down))
          weights[tensor] = zip(llama.weight(tensor), update).map { zip($0, $1).map { $0 + Double(scale) * $1 } }
        case .factored(let basis, let coefficients):
          weights[tensor] = DoubleReference.transposed(DoubleReference.product(value(basis), value(coefficients)))
        case .dense(let weight): weights[tensor] = value(weight)
        }
      }
      let logits = llama.replacing(weights).logits(tokens)
      return rows.map { logits[$0] }
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
