import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit
import Testing
import TinyNN
import TinyTensor

@Suite struct RecoveryTests {
  private let compressed: CompressedModel
  private let tokens: [Int32]
  private let settings = CoefficientLoRA(rank: 4, learningRate: 2e-3, steps: 6, length: 48, seed: 5)

  init() throws {
    let (_, compressor, calibrator) = try Fixtures.compressor()
    let plan = try SharingPlan.paper(
      shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.4, shapes: compressor.shapes)
    compressed = try compressor.compress(plan)
    tokens = calibrator.tokens
  }

  @Test func gradientsAreDirectionalDerivatives() throws {
    let running = try compressed.model()
    let adapters = CoefficientAdapter.all(of: compressed, settings: settings)
    #expect(adapters.count == 2 * compressed.base.config.layers)
    var random = Philox(seed: 1, stream: "direction")
    for adapter in adapters { adapter.up.value = .normal(adapter.up.shape, standardDeviation: 0.02, using: &random) }
    let parameters = adapters.flatMap { [$0.down, $0.up] }
    let directions = parameters.map { Tensor.normal($0.shape, standardDeviation: 1, using: &random) }
    let text = Array(tokens.prefix(33))
    try RecoveryLoop.loss(text, maps(adapters), running: running).backward()
    let slope = zip(parameters, directions).reduce(0.0) { sum, pair in
      guard let gradient = pair.0.gradient else { return .nan }
      return sum + Double((gradient * pair.1).sum())
    }
    let start = parameters.map(\.value)
    func loss(_ step: Float) throws -> Double {
      for (index, parameter) in parameters.enumerated() { parameter.value = start[index] + directions[index] * step }
      return Double(try RecoveryLoop.loss(text, maps(adapters), running: running).value.item)
    }
    let step: Float = 1e-4
    let expected = try (loss(step) - loss(-step)) / Double(2 * step)
    #expect(abs(slope - expected) < 0.02 * abs(expected) + 0.02, "\(slope) against \(expected)")
  }

  private func maps(_ adapters: [CoefficientAdapter]) -> [LinearAddress: TrainableLinear] {
    Dictionary(uniqueKeysWithValues: adapters.map { ($0.address, $0.trainable) })
  }

  @Test func allFactorsAreTrained() throws {
    var model = compressed
    let losses = try FactorTuning(learningRate: 1e-3, steps: 12, length: 32).train(&model, on: Array(tokens.prefix(33)))
    #expect(try #require(losses.last) < 0.9 * losses[0])
    #expect(zip(model.factors, compressed.factors).allSatisfy { $0.basis != $1.basis })
    // The first loss is that of the factors before any step.
    let start = try compressed.model().perplexity(of: Array(tokens.prefix(33)), window: 33).meanLoss
    #expect(abs(losses[0] - start) < 1e-4)
  }

  /// The loss of step 4 is measured with unmerged adapters, before they change: merging after three steps must give the same.
  @Test func mergedEqualsUnmerged() throws {
    var three = compressed, four = compressed
    var short = settings, long = settings
    (short.steps, long.steps) = (3, 4)
    try short.train(&three, on: tokens)
    let losses = try long.train(&four, on: tokens)
    let sequence = Array(tokens[3 * settings.length...4 * settings.length])
    let merged = try three.model().perplexity(of: sequence, window: sequence.count).meanLoss
    #expect(abs(merged - losses[3]) < 1e-4)
    #expect(zip(three.factors, compressed.factors).allSatisfy { $0.basis == $1.basis })
  }

  @Test func trainingLowersTheLoss() throws {
    var model = compressed
    var long = settings
    long.steps = 24
    let text = Array(tokens.prefix(settings.length + 1))
    // One sequence again and again.
    let losses = try long.train(&model, on: text)
    #expect(try #require(losses.last) < losses[0])
  }

  @Test func interruptedTrainingGoesOnToTheSameFactors() throws {
    let folder = try TemporaryFolder()
    var whole = compressed, cut = compressed
    let losses = try settings.train(&whole, on: tokens)
    var asked = 0
    #expect(throws: Interrupted.self) {
      try settings.train(&cut, on: tokens, checkpoint: folder.file("state")) {
        asked += 1
        return asked > 3
      }
    }
    #expect(cut.factors[0].coefficients == compressed.factors[0].coefficients)
    #expect(try settings.train(&cut, on: tokens, checkpoint: folder.file("state")) == losses)
    #expect(zip(cut.factors, whole.factors).allSatisfy { $0.coefficients == $1.coefficients })
    var other = settings
    other.rank = 2
    #expect(throws: BasisSharingError.self) { try other.train(&cut, on: tokens, checkpoint: folder.file("state")) }
  }

  @Test func impossibleTrainingsAreRefused() throws {
    var model = compressed
    #expect(throws: BasisSharingError.tooFewTokens(have: 3, need: 49)) { try settings.train(&model, on: [1, 2, 3]) }
    var dense = CompressedModel(base: compressed.base, plan: SharingPlan(groups: []), factors: [])
    #expect(throws: BasisSharingError.self) { try settings.train(&dense, on: tokens) }
  }
}
