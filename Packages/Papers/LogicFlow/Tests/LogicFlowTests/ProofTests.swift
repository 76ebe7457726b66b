import LogicFlow
import LogicFlowVerify
import Testing
import TinyTensor

@Suite struct ProofTests {
  /// Over all 65 536 inputs of two-feature networks the prover is never wrong and decides nearly every conjunction.
  @Test func neverWrongOnTwoFeatures() throws {
    var decided = 0
    var asked = 0
    for seed in 0..<6 {
      let network = try randomNetwork(
        seed % 2 == 0 ? [2, 5, 4, 2] : [2, 6, 3], seed: UInt64(100 + seed), cap: seed % 3 == 0 ? 20 : 127)
      var random = Philox(seed: UInt64(seed), stream: "test.conjunctions")
      let rows = (0..<65_536).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      let paths = BatchClassifier(network).paths(rows)
      let prover = Prover(network)
      let checker = CertificateChecker(network)
      let firstLayer = network.layers[0].bias.count
      let all = paths[0].pattern.literals(network)
      for _ in 0..<12 {
        // Conjunctions that some input satisfies, of one to four literals, and some that are free inventions.
        let base = paths[random.next(below: paths.count)]
        var literals = base.pattern.literals(network).shuffled(using: &random)
        literals.removeLast(all.count - 1 - random.next(below: 4))
        if random.uniform() < 0.2 { literals[0].positive.toggle() }
        let region = Region(literals: literals)
        let truth = Set(
          paths.lazy.filter { path in
            literals.allSatisfy { path.pattern[$0.layer == 0 ? $0.neuron : firstLayer + $0.neuron] == $0.positive }
          }.map(\.outcome))
        let verdict = prover.decide(region, outcome: base.outcome)
        asked += 1
        switch verdict {
        case .proved(let certificate):
          decided += 1
          #expect(truth.subtracting([base.outcome]).isEmpty)
          try checker.check(certificate, region: region, outcome: base.outcome)
        case .refuted(let x):
          decided += 1
          #expect(network.classify(x) != base.outcome && region.contains(x, in: network))
        case .undecided: break
        }
      }
    }
    #expect(Double(decided) >= 0.95 * Double(asked), "\(decided) of \(asked)")
  }

  /// The simplex against brute force over the corners of a box with one plane through it.
  @Test func boundsAreTight() throws {
    let network = try IntegerNetwork(
      input: InputDomain(count: 2, upper: 10, oneHot: [[0, 1]]),
      layers: [
        IntegerNetwork.Layer(
          weights: [[1, 0], [0, 1]], bias: [0, 0], relu: true,
          requant: IntegerNetwork.Requant(multiplier: [1, 1], shift: [0, 0])),
        IntegerNetwork.Layer(weights: [[0, 0], [1, 1]], bias: [10, 0], relu: false),
      ])
    // Without the group both outputs could be 10, and class 1 would win.
    guard case .proved(let certificate) = Prover(network).decide(Region(), outcome: 0) else {
      Issue.record("not proved")
      return
    }
    try CertificateChecker(network).check(certificate, region: Region(), outcome: 0)
    let free = try IntegerNetwork(input: InputDomain(count: 2, upper: 10), layers: network.layers)
    guard case .refuted(let x) = Prover(free).decide(Region(), outcome: 0) else {
      Issue.record("not refuted")
      return
    }
    #expect(free.classify(x) == 1)
  }

  @Test func constantLeavesOfATrainedNetworkAreCertified() throws {
    let (network, split) = try Room.result.get()
    let tree = PathTree(network, features: split.train.features)
    #expect(tree.paths.reduce(0) { $0 + $1.visits } == split.train.count)
    let prover = Prover(network, budget: 50)
    var proved = 0
    for path in tree.paths.prefix(25) {
      let region = Region(literals: path.pattern.literals(network))
      guard case .proved(let certificate) = prover.decide(region, outcome: path.outcomes[0]) else { continue }
      proved += 1
      #expect(path.outcomes.count == 1)
      try CertificateChecker(network).check(certificate, region: region, outcome: path.outcomes[0])
    }
    #expect(proved >= 1)
  }
}
