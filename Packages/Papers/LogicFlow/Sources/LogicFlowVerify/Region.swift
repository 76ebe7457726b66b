/// One decision of the tree: is the pre-activation of a hidden neuron positive?
public struct Literal: Codable, Hashable, Sendable, Comparable {
  /// Hidden layer, from 0.
  public var layer: Int
  /// Neuron of the layer.
  public var neuron: Int
  /// `a > 0`, or `a ≤ 0`.
  public var positive: Bool

  /// Creates a literal.
  public init(layer: Int, neuron: Int, positive: Bool) {
    self.layer = layer
    self.neuron = neuron
    self.positive = positive
  }

  /// In the order in which the network computes.
  public static func < (left: Literal, right: Literal) -> Bool {
    (left.layer, left.neuron, left.positive ? 1 : 0) < (right.layer, right.neuron, right.positive ? 1 : 0)
  }
}

/// An interval of one variable: a feature, or a hidden neuron's output.
public struct VariableBound: Codable, Hashable, Sendable {
  /// Index of the variable: features first, then hidden outputs, layer by layer.
  public var variable: Int
  /// Smallest value.
  public var lower: Int
  /// Largest value.
  public var upper: Int

  /// Creates a bound.
  public init(variable: Int, lower: Int, upper: Int) {
    self.variable = variable
    self.lower = lower
    self.upper = upper
  }
}

/// A set of inputs, given by decisions and intervals that all hold: R(σ) of the specification.
public struct Region: Codable, Hashable, Sendable {
  /// Decisions.
  public var literals: [Literal]
  /// Intervals.
  public var bounds: [VariableBound]

  /// Creates a region; without arguments, the whole domain.
  public init(literals: [Literal] = [], bounds: [VariableBound] = []) {
    self.literals = literals
    self.bounds = bounds
  }

  /// The two parts of this region on the sides of `split`.
  public func parts(_ split: Split) -> (below: Region, above: Region) {
    var (below, above) = (self, self)
    switch split {
    case .sign(let layer, let neuron):
      below.literals.append(Literal(layer: layer, neuron: neuron, positive: false))
      above.literals.append(Literal(layer: layer, neuron: neuron, positive: true))
    case .value(let variable, let value):
      below.bounds.append(VariableBound(variable: variable, lower: .min, upper: value))
      above.bounds.append(VariableBound(variable: variable, lower: value &+ 1, upper: .max))
    }
    return (below, above)
  }

  /// Whether `x` lies in this region of `network`.
  public func contains(_ x: [UInt8], in network: IntegerNetwork) -> Bool {
    let sums = network.preactivations(x)
    var values = x.map(Int.init)
    for layer in 0..<network.hiddenLayers {
      for (neuron, sum) in sums[layer].enumerated() {
        values.append(network.output(layer: layer, neuron: neuron, preactivation: sum))
      }
    }
    return network.input.contains(x)
      && literals.allSatisfy { (sums[$0.layer][$0.neuron] > 0) == $0.positive }
      && bounds.allSatisfy { values[$0.variable] >= $0.lower && values[$0.variable] <= $0.upper }
  }

  /// Complains about literals and bounds that do not belong to `network`.
  public func validate(for network: IntegerNetwork) throws(InvalidCertificate) {
    for literal in literals {
      guard (0..<network.hiddenLayers).contains(literal.layer),
        network.layers[literal.layer].bias.indices.contains(literal.neuron)
      else { throw InvalidCertificate("no hidden neuron (\(literal.layer), \(literal.neuron))") }
    }
    let variables = network.inputs + network.hiddenNeurons
    for bound in bounds where !(0..<variables).contains(bound.variable) {
      throw InvalidCertificate("no variable \(bound.variable)")
    }
  }
}
