import ClassAwarePruning
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite("Class scores")
struct ClassScoreTests {
  /// A 1×2 image with two useful channels; the filters pick one channel each, both logits read both filters.
  static func twoFilters() throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 3, to: 2, kernel: 1)
    x = builder.add("relu", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 2, outputFeatures: 2)), x)
    var network = try builder.build(name: "two", inputShape: [1, 2, 3])
    network.parameters["conv.weight"] = Tensor(shape: [2, 3, 1, 1], [1, 0, 0, 0, 1, 0])
    network.parameters["linear.weight"] = Tensor(shape: [2, 2], [1, 0.5, -1, -0.5])
    return network
  }

  /// Pixels `[channel 0, channel 1]` at the two positions, for each image.
  static func images(_ pixels: [[[Float]]]) -> Tensor {
    Tensor(shape: [pixels.count, 1, 2, 3], pixels.flatMap { $0.flatMap { $0 + [0] } })
  }

  static func set() throws -> ScoringSet {
    try ScoringSet(
      classes: ["a", "b"],
      images: [
        // Filter 0 is alive at position 0 twice, at 1 once; filter 1 at position 1 once.
        images([[[1, -1], [-1, -1]], [[1, -1], [1, 2]]]),
        // Filter 0 is alive at position 1 twice; filter 1 at position 0 twice.
        images([[[-1, 3], [1, -1]], [[-1, 2], [5, -1]]]),
      ])
  }

  @Test("Two filters by hand: both aggregations and the per-class table")
  func byHand() throws {
    let network = try Self.twoFilters()
    let sumThenMax = try ClassScorer(ScoreOptions(imagesPerClass: 2)).scores(network, set: Self.set())
    // Filter 0: position 0 has 1 + 0, position 1 has 0.5 + 1. Filter 1: 0 + 1 and 0.5 + 0.
    #expect(sumThenMax.score(layer: "conv") == [1.5, 1])
    #expect(sumThenMax.perClass(layer: "conv") == [[1, 0.5], [1, 1]])
    let maxThenSum = try ClassScorer(ScoreOptions(imagesPerClass: 2, aggregation: .maxThenSum))
      .scores(network, set: Self.set())
    #expect(maxThenSum.score(layer: "conv") == [2, 1.5])
    #expect(sumThenMax.restricted(to: [0])["conv"] == [1, 0.5])
    #expect(sumThenMax.layers.map(\.name) == ["conv"])
  }

  @Test("Thresholds: a high one counts nothing, a relative one only what stands out")
  func thresholds() throws {
    let network = try Self.twoFilters()
    let high = try ClassScorer(ScoreOptions(threshold: .absolute(1e3))).scores(network, set: Self.set())
    #expect(high.score(layer: "conv") == [0, 0])
    let relative = try ClassScorer(ScoreOptions(threshold: .relative(1))).scores(network, set: Self.set())
    let all = try ClassScorer(ScoreOptions(threshold: .absolute(0))).scores(network, set: Self.set())
    let pairs = zip(relative.score(layer: "conv"), all.score(layer: "conv"))
    #expect(pairs.allSatisfy { $0.0 <= $0.1 } && relative.score(layer: "conv") != all.score(layer: "conv"))
    // 1e-50 is 0 in Float, as in the public code.
    #expect(try ClassScorer().scores(network, set: Self.set()).layers == all.layers)
  }

  @Test("Thread count and batch composition do not change a bit")
  func independence() throws {
    var network = try Models.digits(classes: 5, width: 8)
    Fixtures.randomize(&network, seed: 2)
    let set = try Fixtures.set([8, 8, 3], classes: 5, perClass: 6)
    let scorer = try ClassScorer()
    let one = try Threads.withCount(1) { try scorer.scores(network, set: set) }
    let two = try Threads.withCount(2) { try scorer.scores(network, set: set) }
    #expect(one == two)
    // A class alone among other companions has the same importances.
    let swapped = try ScoringSet(
      classes: ["c0", "x", "y", "z", "w"], images: [set.images[0]] + set.images[1...].reversed())
    let other = try scorer.scores(network, set: swapped)
    for layer in one.layers { #expect(other.perClass(layer: layer.name)[0] == layer.perClass[0]) }
  }

  @Test("A dead filter scores 0")
  func deadFilter() throws {
    var network = try Models.digits(classes: 4, width: 4)
    Fixtures.randomize(&network, seed: 6)
    // β far below 0: the ReLU never opens.
    network.parameters["bn1.bias"]?[2] = -1e6
    let scores = try ClassScorer().scores(network, set: Fixtures.set([8, 8, 3], classes: 4, perClass: 3))
    #expect(scores.score(layer: "conv1")[2] == 0)
    #expect(scores.score(layer: "conv1")[0] > 0)
  }

  @Test("A saturated loss is scored at a temperature, and said so")
  func saturation() throws {
    var network = try Self.twoFilters()
    network.parameters["linear.weight"] = Tensor(shape: [2, 2], [300, 150, -300, -150])
    // Class a is right by a margin of 600 and more: its loss is exactly 0 in Float.
    let scores = try ClassScorer().scores(network, set: Self.set())
    #expect((scores.temperatures["a"] ?? 1) > 1)
    #expect(scores.temperatures["b"] == nil)
    // At the temperature that revives class a, only its first image (margin 300, the other's is 900) has a gradient.
    #expect(scores.score(layer: "conv") == [1, 1])
  }

  @Test("Images are picked by class")
  func selection() throws {
    let data = try Fixtures.bars(perClass: 12)
    let first = try ScoringSet(data, normalization: data.normalization, options: ScoreOptions(imagesPerClass: 3))
    #expect(first.images.map(\.shape) == Array(repeating: [3, 8, 8, 3], count: 4))
    let expected = data.batch(data.indices(ofClass: 2).prefix(3).map { $0 }, normalization: data.normalization)
    #expect(first.images[2] == expected.images)
    let options = ScoreOptions(imagesPerClass: 3, selection: .random(seed: 1))
    let drawn = try ScoringSet(data, normalization: data.normalization, options: options)
    let again = try ScoringSet(data, normalization: data.normalization, options: options)
    #expect(drawn.images == again.images && drawn.images != first.images)
  }

  @Test("Histogram bins include their upper edge")
  func histogram() throws {
    let scores = try ClassScorer(ScoreOptions(imagesPerClass: 2)).scores(Self.twoFilters(), set: Self.set())
    #expect(scores.histogram(edges: [0, 1, 1.5, 2]) == [1, 1, 0])
  }

  @Test("Bad data: each with its own error")
  func badData() throws {
    let data = try Fixtures.bars(perClass: 5)
    #expect(throws: PruneError.notEnoughImages(class: "bar0", have: 5, need: 6)) {
      try ScoringSet(data, normalization: data.normalization, options: ScoreOptions(imagesPerClass: 6))
    }
    let fewer = ScoreOptions(imagesPerClass: 6, allowFewer: true)
    #expect(try ScoringSet(data, normalization: data.normalization, options: fewer).images[0].shape[0] == 5)
    let absent = data.subset(data.labels.indices.filter { data.labels[$0] != 3 })
    #expect(throws: PruneError.notEnoughImages(class: "bar3", have: 0, need: 6)) {
      try ScoringSet(absent, normalization: data.normalization, options: fewer)
    }
    #expect(throws: PruneError.self) { try ScoringSet(classes: ["only"], images: [Tensor(zeros: [1, 1, 2, 3])]) }
    let three = try Fixtures.set([1, 2, 3], classes: 3, perClass: 1)
    #expect(throws: PruneError.self) { try ClassScorer().scores(Self.twoFilters(), set: three) }
    let wrongSize = try Fixtures.set([2, 2, 3], classes: 2, perClass: 1)
    #expect(throws: PruneError.self) { try ClassScorer().scores(Self.twoFilters(), set: wrongSize) }
    #expect(throws: PruneError.self) { try ClassScorer(ScoreOptions(imagesPerClass: 0)) }
    #expect(throws: PruneError.self) { try ClassScorer(ScoreOptions(threshold: .relative(-1))) }
  }

  @Test("NaN in weights or images is an error with its place, never a score of 0")
  func notFinite() throws {
    var network = try Self.twoFilters()
    network.parameters["conv.weight"]?[1, 1, 0, 0] = .nan
    #expect(throws: PruneError.badWeights(tensor: "conv.weight", index: 4)) {
      try ClassScorer().scores(network, set: Self.set())
    }
    let images = Self.images([[[.infinity, 1], [1, 1]]])
    let bad = try ScoringSet(classes: ["a", "b"], images: [images, images])
    #expect(throws: PruneError.self) { try ClassScorer().scores(Self.twoFilters(), set: bad) }
  }
}
