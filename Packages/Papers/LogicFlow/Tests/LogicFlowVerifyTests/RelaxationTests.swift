import LogicFlowVerify
import Testing

/// A network of two features without randomness of its own: weights from a small congruential generator.
func smallNetwork(seed: Int, hidden: Int = 3, multiplier: Int32 = 37, shift: UInt8 = 10) throws -> IntegerNetwork {
  var state = UInt64(seed &* 7919 &+ 17)
  func weight() -> Int8 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int8(Int(state >> 40) % 21 - 10)
  }
  let layer = IntegerNetwork.Layer(
    weights: (0..<hidden).map { _ in [weight(), weight()] }, bias: (0..<hidden).map { _ in Int32(weight()) * 90 },
    relu: true,
    requant: IntegerNetwork.Requant(
      multiplier: Array(repeating: multiplier, count: hidden), shift: Array(repeating: shift, count: hidden), upper: 60)
  )
  let last = IntegerNetwork.Layer(
    weights: (0..<2).map { _ in (0..<hidden).map { _ in weight() } }, bias: [Int32(weight()), Int32(weight())],
    relu: false)
  return try IntegerNetwork(input: InputDomain(count: 2, upper: 63), layers: [layer, last])
}

@Suite struct RelaxationTests {
  /// Every input of a region must satisfy every constraint, with the cap reached and not.
  @Test(arguments: 0..<12) func constraintsHoldForEveryInput(seed: Int) throws {
    let network = try smallNetwork(seed: seed, multiplier: seed % 2 == 0 ? 37 : 260)
    let regions = [
      Region(), Region(literals: [Literal(layer: 0, neuron: 0, positive: true)]),
      Region(
        literals: [Literal(layer: 0, neuron: 1, positive: false), Literal(layer: 0, neuron: 2, positive: true)],
        bounds: [VariableBound(variable: 0, lower: 3, upper: 40)]),
    ]
    for region in regions {
      let relaxation = Relaxation(network, region: region)
      for first in 0..<64 {
        for second in 0..<64 {
          let x = [UInt8(first), UInt8(second)]
          guard region.contains(x, in: network) else { continue }
          #expect(!relaxation.isEmpty)
          var values = [first, second]
          for (neuron, sum) in network.preactivations(x)[0].enumerated() {
            values.append(network.output(layer: 0, neuron: neuron, preactivation: sum))
          }
          for (index, value) in values.enumerated() {
            #expect(relaxation.lower[index] <= value && value <= relaxation.upper[index])
          }
          for constraint in relaxation.constraints {
            let left = constraint.terms.reduce(Int128(0)) { $0 + $1.coefficient * Int128(values[$1.variable]) }
            #expect(left <= constraint.bound, "\(x) in \(region)")
          }
        }
      }
    }
  }

  @Test func contradictionsAreEmpty() throws {
    let network = try smallNetwork(seed: 1)
    let region = Region(literals: [
      Literal(layer: 0, neuron: 0, positive: true), Literal(layer: 0, neuron: 0, positive: false),
    ])
    #expect(Relaxation(network, region: region).isEmpty)
  }
}

@Suite struct CheckerTests {
  /// Two features decide between two classes by one neuron: `a = x0 − x1`.
  private func difference() throws -> IntegerNetwork {
    try IntegerNetwork(
      input: InputDomain(count: 2),
      layers: [
        IntegerNetwork.Layer(
          weights: [[1, -1]], bias: [0], relu: true, requant: IntegerNetwork.Requant(multiplier: [1], shift: [0])),
        IntegerNetwork.Layer(weights: [[0], [1]], bias: [0, 0], relu: false),
      ])
  }

  @Test func acceptsWhatIntervalsProveAndRefusesTheRest() throws {
    let network = try difference()
    let checker = CertificateChecker(network)
    let negative = Region(literals: [Literal(layer: 0, neuron: 0, positive: false)])
    let positive = Region(literals: [Literal(layer: 0, neuron: 0, positive: true)])
    let plain = { (rival: Int) in Certificate.leaf([ClassBound(rival: rival, multipliers: [])]) }
    try checker.check(plain(1), region: negative, outcome: 0)
    try checker.check(plain(0), region: positive, outcome: 1)
    #expect(throws: InvalidCertificate.self) { try checker.check(plain(1), region: positive, outcome: 0) }
    #expect(throws: InvalidCertificate.self) { try checker.check(plain(0), region: Region(), outcome: 1) }
    #expect(throws: InvalidCertificate.self) { try checker.check(.leaf([]), region: negative, outcome: 0) }
    #expect(throws: InvalidCertificate.self) { try checker.check(plain(1), region: negative, outcome: 7) }
    let tampered = Certificate.leaf([ClassBound(rival: 1, multipliers: [Multiplier(constraint: 0, numerator: -4)])])
    #expect(throws: InvalidCertificate.self) { try checker.check(tampered, region: negative, outcome: 0) }
    let unknown = Certificate.leaf([ClassBound(rival: 1, multipliers: [Multiplier(constraint: 99, numerator: 4)])])
    #expect(throws: InvalidCertificate.self) { try checker.check(unknown, region: negative, outcome: 0) }
  }

  @Test func splitsMustCoverBothSides() throws {
    let network = try difference()
    let checker = CertificateChecker(network)
    let leaf = Certificate.leaf([ClassBound(rival: 1, multipliers: [])])
    let split = Certificate.split(.sign(layer: 0, neuron: 0), below: leaf, above: leaf)
    #expect(throws: InvalidCertificate.self) { try checker.check(split, region: Region(), outcome: 0) }
    let strange = Certificate.split(.sign(layer: 5, neuron: 0), below: leaf, above: leaf)
    #expect(throws: InvalidCertificate.self) { try checker.check(strange, region: Region(), outcome: 0) }
    let edge = Certificate.split(.value(variable: 0, value: .max), below: leaf, above: leaf)
    #expect(throws: InvalidCertificate.self) { try checker.check(edge, region: Region(), outcome: 0) }
  }
}

@Suite struct NetworkValidationTests {
  @Test func brokenNetworksNameTheField() throws {
    let good = try smallNetwork(seed: 3)
    func broken(_ path: String, _ change: (inout [IntegerNetwork.Layer]) -> Void) {
      var layers = good.layers
      change(&layers)
      do {
        _ = try IntegerNetwork(input: good.input, layers: layers)
        Issue.record("accepted although \(path) is broken")
      } catch { #expect(error.path == path) }
    }
    broken("layers[0].weights[1]") { $0[0].weights[1] = [1] }
    broken("layers[0].bias") { $0[0].bias.removeLast() }
    broken("layers[0].relu") { $0[0].relu = false }
    broken("layers[1].relu") { $0[1].relu = true }
    broken("layers[0].requant") { $0[0].requant = nil }
    broken("layers[0].requant.shift[2]") { $0[0].requant?.shift[2] = 31 }
    broken("layers[0].requant.multiplier[0]") { $0[0].requant?.multiplier[0] = 0 }
    broken("layers[0].bias[1]") {
      $0[0].weights[1] = [127, 127]
      $0[0].bias[1] = .max
    }
  }
}
