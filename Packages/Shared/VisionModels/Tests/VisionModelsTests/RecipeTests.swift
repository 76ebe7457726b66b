import ImageDataset
import Testing
import TinyTensor
import VisionModels

@Suite struct RecipeTests {
  @Test func digitsReachNinetySevenPercent() throws {
    let splits = try TestData.digits()
    let recipe = try Recipe.named("digits", images: splits.train)
    var network = try recipe.network(for: splits.train)
    _ = try Trainer(recipe.configuration).fit(&network, on: splits.train)
    let report = try EvaluationReport(evaluating: network, on: splits.test)
    #expect(report.images == 359)
    #expect(report.accuracy >= 0.97)
    #expect(network.normalization == splits.train.normalization)
  }

  @Test func airbenchConstantsArePublishedOnes() throws {
    let configuration = Recipe.airbench(.airbench94, normalization: .cifar10).configuration
    #expect(configuration.totalSteps(images: 50_000) == 476)
    #expect(configuration.stepsPerEpoch(images: 50_000) == 48)
    let k: Float = 1024 * (1 + 1 / 0.15)
    #expect(abs(configuration.schedule.peak - 11.5 / k) < 1e-8)
    guard case .sgd(_, _, let biasDecay) = configuration.groups[0].optimizer,
      case .sgd(let momentum, let nesterov, let decay) = configuration.groups[1].optimizer
    else {
      Issue.record("airbench uses SGD")
      return
    }
    #expect(momentum == 0.85 && nesterov)
    // The decay per step, rate · weightDecay, is the same for biases and all others.
    #expect(abs(decay - 64 * biasDecay) < 1e-6)
    #expect(abs(decay * configuration.schedule.peak - 0.0153 * 1024 / k) < 1e-7)
    #expect(abs(configuration.schedule.learningRate(step: 0, of: 1000) / configuration.schedule.peak - 0.2) < 1e-3)
    #expect(abs(configuration.schedule.learningRate(step: 230, of: 1000) / configuration.schedule.peak - 1) < 1e-3)
  }

  @Test func whiteningMakesPatchesUncorrelated() throws {
    let images = SyntheticImages.make(train: 300, test: 10, classes: 10, seed: 1).train
    let recipe = Recipe.airbench(.airbench93, normalization: images.normalization)
    let network = try recipe.network(for: images)
    let engine = try InferenceEngine(
      Network(
        name: "stem", inputShape: network.inputShape, nodes: Array(network.nodes.prefix(2)),
        parameters: network.parameters.filter { $0.key.hasPrefix("0.") }))
    let maps = try engine.logits(images.batch(0..<300).images)
    // Second moments of the first 12 outputs: the identity, up to the ε of small eigenvalues; the others are negatives.
    let rows = maps.count / 24
    let matrix = maps.reshaped([rows, 24])
    let moments = matmul(matrix, matrix, transposeA: true).map { $0 / Float(rows) }
    for row in 0..<12 {
      for column in 0..<row { #expect(abs(moments[row, column]) < 0.01) }
      #expect(moments[row, row] < 1.01)
      #expect(abs(moments[row, row] + moments[row, row + 12]) < 0.01)
    }
    #expect(abs(moments[0, 0] - 1) < 0.01)
    #expect(network.parameters["0.bias"] == Tensor(zeros: [24]))
    #expect(network.frozenParameters.contains("0.weight"))
  }

  @Test func diracFiltersPassChannelsThrough() throws {
    var network = try Models.airbench(.airbench93)
    network.initialize(seed: 1, .dirac)
    let weight = try #require(network.parameters["2.conv1.weight"])
    for filter in 0..<24 {
      for channel in 0..<24 {
        for tap in 0..<9 {
          #expect(weight[filter, channel, tap / 3, tap % 3] == (channel == filter && tap == 4 ? 1 : 0))
        }
      }
    }
    #expect(weight[30, 0, 0, 0] != 0)
  }

  @Test func initializationDependsOnSeedAndNameOnly() throws {
    var a = try Models.resnetCIFAR(depth: 8)
    var b = try Models.resnetCIFAR(depth: 20)
    a.initialize(seed: 4)
    b.initialize(seed: 4)
    #expect(a.parameters["layer1.0.conv1.weight"] == b.parameters["layer1.0.conv1.weight"])
    b.initialize(seed: 5)
    #expect(a.parameters["layer1.0.conv1.weight"] != b.parameters["layer1.0.conv1.weight"])
    let weight = try #require(a.parameters["layer3.0.conv2.weight"])
    let deviation = (weight.sumOfSquares() / Double(weight.count)).squareRoot()
    #expect(abs(deviation - (2.0 / (64 * 9)).squareRoot()) < 0.003)
    a.initialize(seed: 1, Initialization(batchNormScale: 0.5, zeroLastBatchNorm: true))
    #expect(a.parameters["layer1.0.bn1.weight"] == Tensor(repeating: 0.5, shape: [16]))
    #expect(a.parameters["layer1.0.bn2.weight"] == Tensor(zeros: [16]))
  }

  @Test func unknownRecipesAreErrors() throws {
    let images = try TestData.tiny()
    #expect(throws: NetworkError.unknownModel("x", known: Recipe.names)) { try Recipe.named("x", images: images) }
    var network = try TestData.network()
    #expect(throws: NetworkError.self) {
      try Whitening.apply(to: &network, convolution: "conv", images: images, normalization: images.normalization)
    }
  }
}
