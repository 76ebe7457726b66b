import Foundation
import LogicFlow
import LogicFlowVerify
import Testing

@Suite struct FlowTests {
  private func leaves() throws -> (LeafVerdicts, SampleSplit) {
    let (network, split) = try Room.result.get()
    let tree = PathTree(network, features: split.train.features)
    return (try LeafVerdicts(tree, limit: 40, budget: 50), split)
  }

  @Test func certifiedFlowsAreProvedAndEverythingAgrees() throws {
    let (leaves, split) = try leaves()
    let network = leaves.tree.network
    let flows = FlowFinder(limit: 6).flows(leaves)
    #expect(!flows.isEmpty)
    let checker = CertificateChecker(network)
    for flow in flows {
      let certificate = try #require(flow.certificate)
      try checker.check(certificate, region: flow.region, outcome: flow.outcome)
      #expect(flow.region.literals.count < network.hiddenNeurons)
    }
    let model = try CoreModel(named: "ibex-small")
    let tuner = Autotuner(network, training: split.train, model: model, rows: 60)
    let expected = BatchClassifier(network).classify(split.test.features)
    let meter = CycleMeter(model, samples: split.test)
    let choices = try [
      tuner.flowless(), tuner.zeroSkip(), tuner.paperSchedule(flows, tree: leaves.tree), tuner.everything(flows),
    ]
    for choice in choices {
      let program = LogicProgram(network: network, flows: choice.flows, schedule: choice.schedule)
      #expect(try meter.measure(program.machineCode(for: model), expected: expected).disagreements == 0)
    }
    #expect(choices[3].cycles <= choices[0].cycles)
    let bare = LogicProgram(network: network, flows: choices[2].flows, schedule: choices[2].schedule, tests: false)
    #expect(bare.exits == 0)
    #expect(try meter.measure(bare.machineCode(for: model), expected: expected).disagreements == 0)
  }

  /// Certificates are bound to sign, class, multipliers and network.
  @Test func tamperingIsRefused() throws {
    let (leaves, _) = try leaves()
    let network = leaves.tree.network
    let flow = try #require(FlowFinder(limit: 4).flows(leaves).first)
    let certificate = try #require(flow.certificate)
    let checker = CertificateChecker(network)
    #expect(throws: InvalidCertificate.self) {
      try checker.check(certificate, region: flow.region, outcome: 1 - flow.outcome)
    }
    var fewer = flow.region
    fewer.literals.removeLast()
    let prover = Prover(network, budget: 24)
    #expect(!prover.decide(fewer, outcome: flow.outcome).isProved)
    #expect(throws: InvalidCertificate.self) { try checker.check(certificate, region: fewer, outcome: flow.outcome) }
    var layers = network.layers
    layers[layers.count - 1].bias = layers[layers.count - 1].bias.reversed().map {
      -$0 &+ 40_000 * Int32(flow.outcome * 2 - 1)
    }
    layers[layers.count - 1].weights.reverse()
    let other = try IntegerNetwork(input: network.input, layers: layers)
    #expect(throws: InvalidCertificate.self) {
      try CertificateChecker(other).check(certificate, region: flow.region, outcome: flow.outcome)
    }
  }

  @Test func paperModeKeepsNoProof() throws {
    let (leaves, _) = try leaves()
    let flows = FlowFinder(mode: .paper, limit: 4).flows(leaves)
    #expect(!flows.isEmpty && flows.allSatisfy { $0.certificate == nil && $0.visits > 0 })
  }

  @Test func scoresCountCompatiblePaths() throws {
    let (leaves, split) = try leaves()
    let score = FlowScore(leaves.tree)
    #expect(score.visits([]) == split.train.count)
    let path = leaves.tree.paths[0]
    let literals = path.pattern.literals(leaves.tree.network)
    #expect(score.visits(literals) == path.visits)
    #expect(score.counts(literals, outcome: path.outcomes[0]).good == (path.outcomes.count == 1 ? path.visits : 0))
  }
}

@Suite struct BaselineTests {
  @Test func treesLearn() throws {
    let (_, split) = try Room.result.get()
    let tree = DecisionTree(split.train, held: split.test, classes: 2, accuracy: 0.9)
    #expect(tree.accuracy(split.test) > 0.85)
    let stump = DecisionTree(
      IntegerSamples(width: 1, features: Array(0..<20), labels: (0..<20).map { $0 < 9 ? 1 : 0 }), classes: 2, depth: 3)
    #expect(stump.root == .split(feature: 0, threshold: 8, below: .leaf(1), above: .leaf(0)))
  }

  @Test(.enabled(if: CCompiler("clang", for: .rv32) != nil)) func compiledBaselinesAgree() throws {
    let (network, split) = try Room.result.get()
    let tree = DecisionTree(split.train, classes: 2, depth: 4)
    let clang = try #require(CCompiler("clang", for: .rv32))
    let meter = CycleMeter(try CoreModel(named: "spike"), samples: split.test)
    let loop = try clang.program(LoopKernel.emitC(network), entry: "classify")
    #expect(
      try meter.measure(loop, expected: BatchClassifier(network).classify(split.test.features)).disagreements == 0)
    let nested = try clang.program(tree.emitC(), entry: "classify")
    #expect(
      try meter.measure(nested, expected: (0..<split.test.count).map { tree.classify(split.test[$0]) }).disagreements
        == 0)
  }
}
