import Foundation
import JSONC
import LogicFlow
import LogicFlowVerify
import Testing

@Suite struct FlowFileTests {
  private func file() throws -> (FlowFile, SampleSplit) {
    let (network, split) = try Room.result.get()
    let outcomes = BatchClassifier(network).classify(split.train.features)
    let leaves = try LeafVerdicts(PathTree(network, features: split.train.features), limit: 20, budget: 40)
    let flows = BoxFinder(network).flows(split.train, outcomes: outcomes) + FlowFinder(limit: 3).flows(leaves).prefix(2)
    let schedule = ProgramSchedule(order: .outputStationary, fusesLogits: true, marginChecks: [2, 4, 6])
    return (try FlowFile(network: network, scaler: split.scaler, flows: flows, schedule: schedule), split)
  }

  private func temporary() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("logicflow-\(UUID().uuidString).json")
  }

  @Test func boxesAreProvedAndFire() throws {
    let (file, split) = try file()
    let boxes = file.flows.filter { !$0.region.bounds.isEmpty }
    #expect(!boxes.isEmpty && boxes.allSatisfy { $0.visits > 0 })
    try file.verify()
    let program = file.program()
    let explainer = Explainer(file)
    var exits: Set<Int> = []
    for row in 0..<split.test.count {
      let explanation = explainer.explain(split.test[row])
      exits.insert(explanation.exit)
      #expect(explanation.outcome == file.network.classify(split.test[row]))
      #expect(!explanation.sentence.isEmpty)
    }
    #expect(exits.count > 1 && exits.allSatisfy { $0 <= program.exits })
    #expect(explainer.sentence(boxes[0]).contains("proved for every possible reading"))
  }

  @Test func roundTrips() throws {
    let (file, _) = try file()
    let url = temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    try file.write(to: url)
    let again = try FlowFile(reading: url)
    #expect(again.flows == file.flows && again.schedule == file.schedule && again.network == file.network)
    try again.verify()
  }

  /// Another network, another format, a literal turned round, an unknown neuron: all refused.
  @Test func tamperedFilesAreRefused() throws {
    let (file, _) = try file()
    let url = temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    func refuse(_ change: (inout FlowFile) throws -> Void) throws {
      var changed = file
      try change(&changed)
      try changed.write(to: url)
      #expect(throws: LogicFlowError.self) { try FlowFile(reading: url).verify() }
    }
    let sign = try #require(file.flows.firstIndex { !$0.region.literals.isEmpty })
    try refuse { $0.format = "logicflow-flow/9" }
    try refuse { $0.network = try randomNetwork([7, 6, 8, 2], seed: 1) }
    try refuse { $0.flows[sign].outcome = 1 - $0.flows[sign].outcome }
    try refuse { $0.flows[sign].outcome = 9 }
    try refuse { $0.flows[sign].certificate = nil }
    try refuse { $0.flows[sign].region.literals = [Literal(layer: 0, neuron: 99, positive: true)] }
    try refuse { $0.flows[sign].region.literals = [] }
    try refuse { $0.flows[0].region.bounds = [VariableBound(variable: 9, lower: 0, upper: 1)] }
    #expect(throws: LogicFlowError.self) { try file.requireBinding(to: randomNetwork([7, 6, 8, 2], seed: 2)) }
    #expect(throws: LogicFlowError.self) { try FlowFile(reading: URL(fileURLWithPath: "/no/such/file")) }
  }
}

@Suite struct ExplainerTests {
  /// Limits are given in the units of the features.
  @Test func speaksInFeatureUnits() throws {
    let network = try randomNetwork([2, 2, 2], seed: 5)
    let table = try SampleTable(
      name: "t", features: ["light", "co2"], values: [0, 400, 510, 910], labels: [0, 1])
    var flow = Flow(region: Region(bounds: [VariableBound(variable: 0, lower: 0, upper: 99)]), outcome: 0)
    let file = try FlowFile(
      network: IntegerNetwork(
        input: InputDomain(count: 2, names: ["light", "co2"]), layers: network.layers),
      scaler: FeatureScaler(fitting: table), flows: [flow], schedule: .plain)
    #expect(Explainer(file).sentence(flow) == "light < 199 ⇒ class 0")
    flow.region = Region(bounds: [VariableBound(variable: 1, lower: 51, upper: 255)])
    #expect(Explainer(file).sentence(flow) == "co2 ≥ 501 ⇒ class 0")
  }
}

@Suite struct BoundaryTests {
  @Test func searchReachesTheEdge() throws {
    let network = try randomNetwork([4, 3, 2], seed: 8)
    let samples = IntegerSamples(width: 4, features: randomRows(8, network), labels: Array(repeating: 0, count: 8))
    let literals = (0..<3).map { Literal(layer: 0, neuron: $0, positive: true) }
    let combination = LinearBound([.init(variable: 0, coefficient: 3), .init(variable: 2, coefficient: -2)], lower: 40)
    let region = Region(
      literals: literals, bounds: [VariableBound(variable: 1, lower: 7, upper: 9)], combinations: [combination])
    let rows = BoundaryInputs.find(network, regions: [region], samples: samples)
    let inputs = (0..<rows.count / 4).map { Array(rows[$0 * 4..<$0 * 4 + 4]) }
    #expect(inputs.count == 2 + 4 + 12 + 6 + 3)
    #expect(inputs[6..<18].count { network.preactivations($0)[0].contains { abs($0) <= 80 } } >= 6)
    #expect(inputs[18..<24].map { Int($0[1]) } == [6, 7, 8, 8, 9, 10])
    // One coordinate at a time moves this sum by two or three.
    let sums = inputs[24...].map { combination.value(network.variables($0)) }
    #expect(zip(sums, 39...41).allSatisfy { abs($0 - $1) <= 1 })
  }
}
