import ClassAwarePruning
import Testing
import TinyTensor
import VisionModels

@Suite("Criteria")
struct CriteriaTests {
  /// Conv 1×1 (3 → 3), batch norm, ReLU, pool, linear; 2×2 images.
  static func network(weights: [Float], scale: [Float] = [1, 1, 1]) throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 3, to: 3, kernel: 1)
    x = builder.add("bn", .batchNorm(BatchNorm(channels: 3, epsilon: 0)), x)
    x = builder.add("relu", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 3, outputFeatures: 2)), x)
    var network = try builder.build(name: "criteria", inputShape: [2, 2, 3])
    network.parameters["conv.weight"] = Tensor(shape: [3, 3, 1, 1], weights)
    network.parameters["bn.weight"] = Tensor(shape: [3], scale)
    network.parameters["linear.weight"] = Tensor(shape: [2, 3], [1, 1, 1, -1, -1, -1])
    return network
  }

  static let identity: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

  static func scores(_ name: String, _ network: Network, _ set: ScoringSet? = nil) throws -> [Float] {
    try Criteria.named(name).scores(network, context: ScoringContext(set: set, seed: 3))["conv"] ?? []
  }

  /// One image per class; channel values at the four pixels.
  static func set(_ channels: [[Float]]) throws -> ScoringSet {
    var scalars: [Float] = []
    for pixel in 0..<4 { scalars += channels.map { $0[pixel] } }
    let image = Tensor(shape: [1, 2, 2, 3], scalars)
    return try ScoringSet(classes: ["a", "b"], images: [image, image])
  }

  @Test("L1 and L2 norms, plain, mean and normalised")
  func norms() throws {
    let network = try Self.network(weights: [3, -4, 0, 0, 0, 0, 1, 1, -1])
    #expect(try Self.scores("l1", network) == [7, 0, 3])
    #expect(try Self.scores("l1-mean", network) == [7.0 / 3, 0, 1])
    #expect(try Self.scores("l1-normalised", network) == [1, 0, 3.0 / 7])
    #expect(try Self.scores("l2", network) == [5, 0, Float(3).squareRoot()])
  }

  @Test("Batch-norm scale")
  func batchNormScale() throws {
    let network = try Self.network(weights: Self.identity, scale: [-2, 0.5, 0])
    #expect(try Self.scores("bn", network) == [2, 0.5, 0])
  }

  @Test("FPGM: the filter at the geometric median scores lowest")
  func geometricMedian() throws {
    // Three collinear filters: the middle one is the median.
    let network = try Self.network(weights: [0, 0, 0, 1, 0, 0, 5, 0, 0])
    let scores = try Self.scores("fpgm", network)
    #expect(abs(scores[0] - 1) < 1e-3 && abs(scores[1]) < 1e-3 && abs(scores[2] - 4) < 1e-3)
  }

  @Test("Activation mean and share of non-zeros behind the ReLU")
  func activations() throws {
    let network = try Self.network(weights: Self.identity)
    let set = try Self.set([[1, 2, 3, -6], [-1, -1, -1, -1], [4, 0, 0, 0]])
    #expect(try Self.scores("activation", network, set) == [1.5, 0, 1])
    #expect(try Self.scores("apoz", network, set) == [0.75, 0, 0.25])
  }

  @Test("HRank: rank of the feature maps")
  func ranks() throws {
    let network = try Self.network(weights: Self.identity)
    // [[1, 2], [2, 4]] has rank 1, [[1, 0], [0, 1]] rank 2, a dead map rank 0.
    let set = try Self.set([[1, 2, 2, 4], [1, 0, 0, 1], [-1, -1, -1, -1]])
    #expect(try Self.scores("hrank", network, set) == [1, 2, 0])
  }

  @Test("Taylor gate: (Σ a·g)² by hand")
  func taylor() throws {
    let network = try Self.network(weights: Self.identity)
    let set = try Self.set([[1, 1, 1, 1], [2, 2, -5, -5], [-1, -1, -1, -1]])
    // Logits ±z with z the sum of the pooled channels, 1 + 1 + 0 = 2. dL/dz₀ = p₀ − 1 and so on: |dL/dpool| = 2·p_wrong for
    // class a, 2·(1 − p_wrong') for class b; a quarter of it reaches every open pixel.
    let wrong = 1 / (1 + Float.exponential(4))
    let factors = [2 * wrong, 2 * (1 - wrong)]
    let expected: [Float] = [
      factors.reduce(0) { $0 + $1 * $1 }, factors.reduce(0) { $0 + $1 * $1 }, 0,
    ]
    let scores = try Self.scores("taylor", network, set)
    for (score, value) in zip(scores, expected) { #expect(abs(score - value) < 1e-4 * (1 + value)) }
  }

  @Test("SynFlow on a linear chain: Σ |w| · what follows")
  func synapticFlow() throws {
    var network = try Self.network(weights: [1, -1, 0, 2, 0, 0, 0, 0, 0])
    network.parameters["linear.weight"] = Tensor(shape: [2, 3], [1, -2, 1, 1, 2, 1])
    let criterion = SynapticFlow(rounds: 1)
    let scores = try criterion.scores(network, context: ScoringContext())["conv"] ?? []
    // R = Σ_o Σ_i |linear[o, i]| · Σ_c |conv[i, c]|: filter 0 gives 2·2, filter 1 gives 4·2, filter 2 nothing.
    #expect(scores[1] > scores[0] && scores[0] > scores[2] && scores[2] == 0)
    // The iteration silences the weakest first, so the order stays.
    let iterated = try SynapticFlow(rounds: 4).scores(network, context: ScoringContext())["conv"] ?? []
    #expect(iterated[1] > iterated[0] && iterated[0] > iterated[2])
  }

  @Test("SynFlow stays finite on a deep network")
  func deepSynapticFlow() throws {
    var network = try Models.resnetCIFAR(depth: 56)
    network.initialize(seed: 1)
    let scores = try SynapticFlow(rounds: 1).scores(network, context: ScoringContext())
    #expect(scores["layer3.8.conv1"]?.allSatisfy { $0.isFinite && $0 > 0 } == true)
  }

  @Test("Random scores depend on the seed and the layer only")
  func random() throws {
    let network = try Models.digits(width: 4)
    let one = try RandomCriterion().scores(network, context: ScoringContext(seed: 1))
    let same = try RandomCriterion().scores(network, context: ScoringContext(seed: 1))
    let two = try RandomCriterion().scores(network, context: ScoringContext(seed: 2))
    #expect(one == same && one != two)
    #expect(one["conv1"] != one["conv2"])
  }

  @Test("Every criterion scores every layer of a small network", arguments: Criteria.names)
  func all(name: String) throws {
    var network = try Models.digits(classes: 3, width: 4)
    Fixtures.randomize(&network, seed: 2)
    let set = try Fixtures.set([8, 8, 3], classes: 3, perClass: 2)
    let scores = try Criteria.named(name).scores(network, context: ScoringContext(set: set))
    #expect(scores.mapValues(\.count) == ["conv1": 4, "conv2": 4, "conv3": 8, "conv4": 8])
    #expect(scores.values.allSatisfy { $0.allSatisfy { $0.isFinite && $0 >= 0 } })
  }

  @Test("Unknown names and missing images are errors")
  func errors() throws {
    #expect(throws: PruneError.self) { try Criteria.named("magic") }
    #expect(throws: PruneError.self) { try Self.scores("taylor", Self.network(weights: Self.identity)) }
  }
}

extension Float {
  /// e to the power of a small whole number.
  static func exponential(_ power: Int) -> Float {
    (0..<power).reduce(Float(1)) { product, _ in product * 2.718_281_8 }
  }
}
