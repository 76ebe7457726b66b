import LogicFlowVerify

/// Inputs at the edges of the tests, where a wrong sign, an off-by-one or a lost tie shows.
public enum BoundaryInputs {
  /// Inputs at which the tested values lie directly on both sides of their limits, found by coordinate search from `samples`, and
  /// the corners of the domain. Row-major.
  ///
  /// For a literal these are pre-activations −1, 0, 1 and 2; for an interval of a variable or a combination, each limit and its
  /// neighbours.
  public static func find(_ network: IntegerNetwork, regions: [Region], samples: IntegerSamples) -> [UInt8] {
    let low = (0..<network.inputs).map { UInt8(network.input.range($0).lowerBound) }
    let high = (0..<network.inputs).map { UInt8(network.input.range($0).upperBound) }
    var rows = low + high
    for feature in 0..<network.inputs {
      var single = low
      single[feature] = high[feature]
      rows += single
    }
    guard samples.count > 0 else { return rows }
    let targets = Set(regions.flatMap(\.literals)).sorted().flatMap(Target.all) + regions.flatMap(Target.all)
    for (index, target) in targets.enumerated() {
      rows += search(network, target, from: samples[index % samples.count])
    }
    return rows
  }

  private static func search(_ network: IntegerNetwork, _ target: Target, from start: [UInt8]) -> [UInt8] {
    var x = start
    var best = target.distance(x, network)
    for _ in 0..<8 where best > 0 {
      var improved = false
      for feature in 0..<network.inputs {
        let range = network.input.range(feature)
        for step in [64, 16, 4, 1, -1, -4, -16, -64] {
          let value = Int(x[feature]) + step
          guard range.contains(value) else { continue }
          var candidate = x
          candidate[feature] = UInt8(value)
          let reached = target.distance(candidate, network)
          if reached < best { (x, best, improved) = (candidate, reached, true) }
        }
      }
      guard improved else { break }
    }
    return x
  }
}

/// A value that a test looks at, and what it should become.
private struct Target {
  enum Quantity {
    case preactivation(Literal)
    case combination([LinearBound.Term])
  }

  let quantity: Quantity
  let value: Int

  static func all(_ literal: Literal) -> [Target] {
    (-1...2).map { Target(quantity: .preactivation(literal), value: $0) }
  }

  /// Targets of the intervals of `region`.
  static func all(_ region: Region) -> [Target] {
    let bounds = region.bounds.map {
      LinearBound([LinearBound.Term(variable: $0.variable, coefficient: 1)], lower: $0.lower, upper: $0.upper)
    }
    return (bounds + region.combinations).flatMap { bound in
      [bound.lower, bound.upper].compactMap { $0 }.flatMap { limit in
        (-1...1).map { Target(quantity: .combination(bound.terms), value: limit + $0) }
      }
    }
  }

  func distance(_ x: [UInt8], _ network: IntegerNetwork) -> Int {
    switch quantity {
    case .preactivation(let literal): abs(network.preactivations(x)[literal.layer][literal.neuron] - value)
    case .combination(let terms): abs(LinearBound(terms).value(network.variables(x)) - value)
    }
  }
}
