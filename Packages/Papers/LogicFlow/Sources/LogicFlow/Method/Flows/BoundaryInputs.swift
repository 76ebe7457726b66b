import LogicFlowVerify

/// Inputs at the edges of the tests, where a wrong sign, an off-by-one or a lost tie shows.
public enum BoundaryInputs {
  /// Inputs with pre-activations −1, 0, 1 and 2 of the tested neurons, found by coordinate search from `samples`, and the corners of
  /// the domain. Row-major.
  public static func find(_ network: IntegerNetwork, literals: some Sequence<Literal>, samples: IntegerSamples)
    -> [UInt8]
  {
    let low = (0..<network.inputs).map { UInt8(network.input.range($0).lowerBound) }
    let high = (0..<network.inputs).map { UInt8(network.input.range($0).upperBound) }
    var rows = low + high
    for feature in 0..<network.inputs {
      var single = low
      single[feature] = high[feature]
      rows += single
    }
    for (index, literal) in literals.enumerated() {
      for target in -1...2 where samples.count > 0 {
        rows += search(network, literal, target, from: samples[(index * 4 + target + 1) % samples.count])
      }
    }
    return rows
  }

  private static func search(_ network: IntegerNetwork, _ literal: Literal, _ target: Int, from start: [UInt8])
    -> [UInt8]
  {
    var x = start
    func distance(_ x: [UInt8]) -> Int { abs(network.preactivations(x)[literal.layer][literal.neuron] - target) }
    var best = distance(x)
    for _ in 0..<8 where best > 0 {
      var improved = false
      for feature in 0..<network.inputs {
        let range = network.input.range(feature)
        for step in [64, 16, 4, 1, -1, -4, -16, -64] {
          let value = Int(x[feature]) + step
          guard range.contains(value) else { continue }
          var candidate = x
          candidate[feature] = UInt8(value)
          let reached = distance(candidate)
          if reached < best { (x, best, improved) = (candidate, reached, true) }
        }
      }
      guard improved else { break }
    }
    return x
  }
}
