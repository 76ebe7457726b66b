import LogicFlow
import LogicFlowVerify
import Testing

@Suite struct ObliqueTests {
  private static func everyInput(_ network: IntegerNetwork) -> IntegerSamples {
    let rows = (0..<65_536).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    return IntegerSamples(width: 2, features: rows, labels: BatchClassifier(network).classify(rows))
  }

  /// Over all 65 536 inputs of two-feature networks no exit fires wrongly, and exits are found at both ends.
  @Test func neverWrongOnTwoFeatures() throws {
    var fired = 0
    var ends: Set<Bool> = []
    for seed in 0..<6 {
      let network = try randomNetwork([2, 5, 4, seed % 3 == 2 ? 3 : 2], seed: UInt64(300 + seed))
      let all = Self.everyInput(network)
      let samples = all.rows((0..<400).map { $0 * 163 })
      let flows = ObliqueFinder(network).flows(samples, outcomes: samples.labels)
      let checker = CertificateChecker(network)
      for flow in flows {
        let certificate = try #require(flow.certificate)
        try checker.check(certificate, region: flow.region, outcome: flow.outcome)
        ends.insert(flow.region.combinations[0].lower == nil)
        #expect(flow.visits > 0)
      }
      let program = LogicProgram(
        network: network, flows: flows, schedule: ProgramSchedule(order: .outputStationary, fusesLogits: true))
      for row in 0..<all.count {
        let run = program.run(all[row])
        #expect(run.outcome == all.labels[row])
        if run.exit < flows.count { fired += 1 }
      }
    }
    #expect(fired > 10_000 && ends.count == 2, "\(fired) exits")
  }

  /// Interpreter, machine code and compiled C agree when two flows share a direction.
  @Test func everyBackEndAgrees() throws {
    let (network, split) = try Room.result.get()
    let outcomes = BatchClassifier(network).classify(split.train.features)
    let flows = ObliqueFinder(network).flows(split.train, outcomes: outcomes)
    #expect(!flows.isEmpty)
    let model = try CoreModel(named: "ibex-small")
    for schedule in [.plain, ProgramSchedule(order: .outputStationary, fusesLogits: true, marginChecks: [2])] {
      let program = LogicProgram(network: network, flows: flows, schedule: schedule)
      let expected = BatchClassifier(network).classify(split.test.features)
      let meter = CycleMeter(model, samples: split.test)
      #expect(try meter.measure(program.machineCode(for: model), expected: expected).disagreements == 0)
      for compiler in CCompiler.installed(for: .host) {
        let function = try NativeFunction(program.emitC(), name: program.name, compiler: compiler)
        #expect(function.classify(rows: split.test.features, width: split.test.width) == expected)
      }
    }
  }

  /// A threshold moved, a coefficient changed, a sum that leaves 32 bits: all refused.
  @Test func tamperingIsRefused() throws {
    let (network, split) = try Room.result.get()
    let outcomes = BatchClassifier(network).classify(split.train.features)
    let flow = try #require(ObliqueFinder(network).flows(split.train, outcomes: outcomes).first)
    let certificate = try #require(flow.certificate)
    func refuse(_ change: (inout LinearBound) -> Void) {
      var region = flow.region
      change(&region.combinations[0])
      #expect(throws: InvalidCertificate.self) {
        try CertificateChecker(network).check(certificate, region: region, outcome: flow.outcome)
      }
    }
    refuse { ($0.lower, $0.upper) = ($0.lower.map { $0 - 4000 }, $0.upper.map { $0 + 4000 }) }
    refuse { for index in $0.terms.indices { $0.terms[index].coefficient *= -1 } }
    refuse { $0.terms[0].coefficient = .min }
    refuse { $0.terms[0].variable = 9999 }
    refuse { $0.terms.append($0.terms[0]) }
    refuse { $0.terms = [] }
    refuse { $0.lower = .min }
  }
}

@Suite struct ExhaustiveTreeTests {
  /// No leaf that an input takes is missing, and a constant leaf is constant.
  @Test func brokenDownByAllInputs() throws {
    for (seed, sizes) in [[2, 4, 3, 2], [2, 5, 3]].enumerated() {
      let network = try randomNetwork(sizes, seed: UInt64(70 + seed))
      let rows = (0..<65_536).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      let visited = PathTree(network, features: rows)
      let tree = try ExhaustiveTree(network)
      let leaves = Dictionary(uniqueKeysWithValues: tree.leaves.map { ($0.literals, $0) })
      for path in visited.paths {
        let leaf = try #require(leaves[path.pattern.literals(network)])
        if let outcome = leaf.outcome { #expect(path.outcomes == [outcome]) }
        if path.outcomes.count > 1 { #expect(leaf.outcome == nil) }
      }
      // The relaxation may keep a few slivers without integers.
      #expect(tree.leaves.count <= visited.paths.count * 2)
      #expect(throws: LogicFlowError.self) { try ExhaustiveTree(network, limit: 2) }
    }
  }
}
