/// `Σ coefficient · variable ≤ bound`, everything in units of 2^-32.
public struct Constraint: Sendable, Hashable {
  /// Variable and coefficient.
  public var terms: [(variable: Int, coefficient: Int128)]
  /// Right side.
  public var bound: Int128

  public static func == (left: Constraint, right: Constraint) -> Bool {
    left.bound == right.bound && left.terms.elementsEqual(right.terms) { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(bound)
    for term in terms { hasher.combine(term.coefficient) }
  }
}

/// Linear constraints that every integer input of a region, and what the network makes of it, satisfies (specification 2.6).
///
/// Floor and cap of the requantisation are inside: slopes are rounded to the safe side, so that each line stays sound in exact
/// arithmetic. Variables are the features, then the hidden outputs, layer by layer.
public struct Relaxation: Sendable {
  /// Fractional bits of constraint coefficients.
  public static let fractionBits = 32

  /// Smallest value of each variable.
  public private(set) var lower: [Int]
  /// Largest value of each variable.
  public private(set) var upper: [Int]
  /// What holds beyond the bounds.
  public private(set) var constraints: [Constraint] = []
  /// Interval bounds of the hidden pre-activations, `[layer][neuron]`.
  public private(set) var preactivations: [[ClosedRange<Int>]] = []
  /// True when intervals alone show that no input lies in the region.
  public private(set) var isEmpty = false

  private static let one = Int128(1) << 32

  /// Derives the constraints of `region`.
  /// - Precondition: the region belongs to the network (``Region/validate(for:)``).
  public init(_ network: IntegerNetwork, region: Region) {
    let domain = (0..<network.inputs).map(network.input.range)
    lower = domain.map(\.lowerBound)
    upper = domain.map(\.upperBound)
    apply(region.bounds, from: 0)
    for group in network.input.oneHot ?? [] {
      let sum = Int128(network.input.upper + (group.count - 1) * network.input.lower) << 32
      constraints.append(Constraint(terms: group.map { ($0, Self.one) }, bound: sum))
      constraints.append(Constraint(terms: group.map { ($0, -Self.one) }, bound: -sum))
    }
    var first = 0
    for index in 0..<network.hiddenLayers where !isEmpty {
      let next = lower.count
      var signs: [Int: Bool] = [:]
      for literal in region.literals where literal.layer == index {
        // Both signs of one neuron: nothing satisfies them.
        if signs.updateValue(literal.positive, forKey: literal.neuron) == !literal.positive { isEmpty = true }
      }
      addLayer(network, index, first: first, signs: signs)
      guard !isEmpty else { return }
      apply(region.bounds, from: next)
      first = next
    }
  }

  private mutating func apply(_ bounds: [VariableBound], from first: Int) {
    for bound in bounds where (first..<lower.count).contains(bound.variable) {
      lower[bound.variable] = max(lower[bound.variable], bound.lower)
      upper[bound.variable] = min(upper[bound.variable], bound.upper)
    }
    if zip(lower, upper).contains(where: >) { isEmpty = true }
  }

  /// The variables of layer `index` and their constraints; its inputs begin at variable `first`.
  private mutating func addLayer(_ network: IntegerNetwork, _ index: Int, first: Int, signs: [Int: Bool]) {
    let layer = network.layers[index]
    let end = lower.count
    guard !isEmpty, let requant = layer.requant else { return }
    let inputs = (first..<end).map { lower[$0]...upper[$0] }
    var ranges: [ClosedRange<Int>] = []
    for (neuron, bias) in layer.bias.enumerated() {
      let natural = network.preactivationRange(layer.weights[neuron], bias: bias, inputs)
      let sign = signs[neuron]
      let low = sign == true ? max(natural.lowerBound, 1) : natural.lowerBound
      let high = sign == false ? min(natural.upperBound, 0) : natural.upperBound
      guard low <= high else {
        isEmpty = true
        return
      }
      ranges.append(low...high)
      let sum = layer.weights[neuron].enumerated().filter { $0.1 != 0 }.map {
        (variable: first + $0.0, coefficient: Int128($0.1))
      }
      let neuronLines = Lines(
        sum: sum, bias: Int128(bias), output: lower.count, multiplier: Int128(requant.multiplier[neuron]),
        shift: Int(requant.shift[neuron]), cap: Int128(requant.upper))
      if sign == false, natural.upperBound > 0 { constraints.append(neuronLines.atMostZero) }
      if sign == true, natural.lowerBound < 1 { constraints.append(neuronLines.atLeastOne) }
      if high > 0 { constraints += low >= 1 ? neuronLines.active(low, high) : neuronLines.free(low, high) }
      lower.append(network.output(layer: index, neuron: neuron, preactivation: low))
      upper.append(network.output(layer: index, neuron: neuron, preactivation: high))
    }
    preactivations.append(ranges)
  }
}

/// The lines around the requantised ReLU of one neuron, with `a = bias + Σ sum` and output `y`.
private struct Lines {
  let sum: [(variable: Int, coefficient: Int128)]
  let bias: Int128
  let output: Int
  let multiplier: Int128
  let shift: Int
  let cap: Int128

  private static let one = Int128(1) << 32

  /// `multiplier / 2^shift` in units of 2^-32: exact, because `shift ≤ 30`.
  private var slope: Int128 { multiplier << (32 - shift) }
  /// What the floor can take away, less than one: `1 − 2^-shift`.
  private var floorLoss: Int128 { Self.one - (Self.one >> shift) }

  /// `a ≤ 0`.
  var atMostZero: Constraint {
    Constraint(terms: sum.map { ($0.variable, $0.coefficient << 32) }, bound: -bias << 32)
  }

  /// `a ≥ 1`.
  var atLeastOne: Constraint {
    Constraint(terms: sum.map { ($0.variable, -$0.coefficient << 32) }, bound: (bias - 1) << 32)
  }

  /// `y ≤ slope·a + offset`.
  private func above(_ slope: Int128, offset: Int128) -> Constraint {
    Constraint(
      terms: [(output, Self.one)] + sum.map { ($0.variable, -slope * $0.coefficient) }, bound: slope * bias + offset)
  }

  /// `y ≥ slope·a + offset`.
  private func below(_ slope: Int128, offset: Int128) -> Constraint {
    Constraint(
      terms: [(output, -Self.one)] + sum.map { ($0.variable, slope * $0.coefficient) }, bound: -slope * bias - offset)
  }

  /// A neuron that is positive everywhere, with `1 ≤ low ≤ a ≤ high`: below the product, above the chord of the capped product.
  func active(_ low: Int, _ high: Int) -> [Constraint] {
    let (a, b) = (Int128(low), Int128(high))
    let (left, right) = (min(cap << 32, slope * a), min(cap << 32, slope * b))
    let chord = a == b ? 0 : (right - left) / (b - a)
    return [above(slope, offset: 0), below(chord, offset: left - chord * a - floorLoss)]
  }

  /// A neuron of unknown sign, with `low < 1 ≤ high`.
  ///
  /// The upper line goes from `(low, 0)` to where the cap is reached: through `(high, cap)` it would cut off capped outputs.
  func free(_ low: Int, _ high: Int) -> [Constraint] {
    let (a, b) = (Int128(low), Int128(high))
    let top = min(cap << 32, slope * b)
    let reached = min(b, (cap << shift) / multiplier)
    // Rounding the run down and the quotient up keeps the line above every output.
    let run = max(reached - a, 1)
    let rise = (top + run - 1) / run
    return [above(rise, offset: -rise * a), below(top / b, offset: -floorLoss)]
  }
}
