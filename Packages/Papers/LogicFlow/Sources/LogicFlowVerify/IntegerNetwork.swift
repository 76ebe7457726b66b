/// A multilayer perceptron in integers: the semantics by which every flow, program and proof is judged (specification 2.1).
///
/// A hidden neuron computes `a = b + Σ w·p` and outputs 0 if `a ≤ 0`, else `min(upper, (a · multiplier) >> shift)` with the
/// product in 64 bits. The class is the largest logit of the last layer; the lowest index wins ties.
public struct IntegerNetwork: Hashable, Sendable {
  /// How a hidden layer brings its positive pre-activations back to small integers.
  public struct Requant: Codable, Hashable, Sendable {
    /// Factor of each neuron, positive.
    public var multiplier: [Int32]
    /// Right shift of each neuron's product, at most 30.
    public var shift: [UInt8]
    /// The cap of every output.
    public var upper: Int32

    /// Creates the constants of a layer.
    public init(multiplier: [Int32], shift: [UInt8], upper: Int32 = 127) {
      self.multiplier = multiplier
      self.shift = shift
      self.upper = upper
    }
  }

  /// A fully connected layer.
  public struct Layer: Codable, Hashable, Sendable {
    /// `[output][input]`.
    public var weights: [[Int8]]
    /// `[output]`.
    public var bias: [Int32]
    /// Whether a ReLU follows: every layer but the last.
    public var relu: Bool
    /// The requantisation of a hidden layer; nothing in the last layer.
    public var requant: Requant?

    /// Creates a layer.
    public init(weights: [[Int8]], bias: [Int32], relu: Bool, requant: Requant? = nil) {
      self.weights = weights
      self.bias = bias
      self.relu = relu
      self.requant = requant
    }
  }

  /// What goes in.
  public let input: InputDomain
  /// Hidden layers, then the layer of the logits.
  public let layers: [Layer]

  /// Checks everything that later code relies on, including that no accumulator can leave 32 bits.
  public init(input: InputDomain, layers: [Layer]) throws(InvalidNetwork) {
    self.input = input
    self.layers = layers
    try validate()
  }

  /// Features.
  public var inputs: Int { input.count }
  /// Classes.
  public var classes: Int { layers[layers.count - 1].bias.count }
  /// Layers with a ReLU.
  public var hiddenLayers: Int { layers.count - 1 }
  /// Neurons with a ReLU.
  public var hiddenNeurons: Int { layers.dropLast().reduce(0) { $0 + $1.bias.count } }
  /// Multiply-accumulates with a weight other than zero.
  public var macs: Int { layers.reduce(0) { $0 + $1.weights.reduce(0) { $0 + $1.count { $0 != 0 } } } }

  /// The output of hidden neuron `(layer, neuron)` for pre-activation `a`.
  public func output(layer: Int, neuron: Int, preactivation a: Int) -> Int {
    guard a > 0, let requant = layers[layer].requant else { return 0 }
    return min(Int(requant.upper), (a * Int(requant.multiplier[neuron])) >> Int(requant.shift[neuron]))
  }

  /// Pre-activations of all layers, the last of which are the logits.
  public func preactivations(_ x: [UInt8]) -> [[Int]] {
    precondition(x.count == inputs, "\(x.count) features for a network of \(inputs)")
    var values = x.map(Int.init)
    return layers.enumerated().map { index, layer in
      let sums = zip(layer.weights, layer.bias).map { row, bias in
        zip(row, values).reduce(Int(bias)) { $0 + Int($1.0) * $1.1 }
      }
      if layer.relu {
        values = sums.enumerated().map { output(layer: index, neuron: $0, preactivation: $1) }
      }
      return sums
    }
  }

  /// Logits of one input.
  public func logits(_ x: [UInt8]) -> [Int32] { (preactivations(x).last ?? []).map { Int32($0) } }

  /// Class of one input.
  public func classify(_ x: [UInt8]) -> Int { Self.argmax(logits(x)) }

  /// Index of the largest value; the lowest wins ties.
  public static func argmax(_ values: some Collection<Int32>) -> Int {
    var best = 0
    var largest = Int32.min
    for (index, value) in values.enumerated() where index == 0 || value > largest { (best, largest) = (index, value) }
    return best
  }

  /// Smallest difference `logit_k − logit_c` at which class `k` is chosen before class `c`.
  public static func winningMargin(_ k: Int, over c: Int) -> Int { k < c ? 0 : 1 }
}

extension IntegerNetwork {
  /// Interval bounds of the pre-activations of layer `index`, given bounds of its inputs.
  func preactivationRange(_ row: [Int8], bias: Int32, _ inputs: [ClosedRange<Int>]) -> ClosedRange<Int> {
    var (low, high) = (Int(bias), Int(bias))
    for (weight, range) in zip(row, inputs) where weight != 0 {
      let (a, b) = (Int(weight) * range.lowerBound, Int(weight) * range.upperBound)
      low += min(a, b)
      high += max(a, b)
    }
    return low...high
  }

  private func validate() throws(InvalidNetwork) {
    func require(_ condition: Bool, _ path: String, _ reason: @autoclosure () -> String) throws(InvalidNetwork) {
      guard condition else { throw InvalidNetwork(path: path, reason: reason()) }
    }
    try input.validate()
    try require((2...64).contains(layers.count), "layers", "\(layers.count) layers, expected 2 to 64")
    var ranges = (0..<input.count).map(input.range)
    for (index, layer) in layers.enumerated() {
      let path = "layers[\(index)]"
      let isLast = index == layers.count - 1
      try require(
        (isLast ? 2 : 1)...4096 ~= layer.weights.count, path + ".weights",
        "\(layer.weights.count) outputs, expected \(isLast ? 2 : 1) to 4096")
      try require(
        layer.bias.count == layer.weights.count, path + ".bias",
        "\(layer.bias.count) biases for \(layer.weights.count) outputs")
      try require(
        layer.relu == !isLast, path + ".relu", isLast ? "the last layer has no ReLU" : "a hidden layer needs its ReLU")
      for (row, weights) in layer.weights.enumerated() {
        try require(
          weights.count == ranges.count, path + ".weights[\(row)]",
          "\(weights.count) weights for \(ranges.count) inputs")
      }
      let requant = layer.requant
      try require((requant == nil) == isLast, path + ".requant", "expected in every hidden layer and nowhere else")
      var next: [ClosedRange<Int>] = []
      for (neuron, bias) in layer.bias.enumerated() {
        let range = preactivationRange(layer.weights[neuron], bias: bias, ranges)
        try require(
          range.lowerBound > -(1 << 31) && range.upperBound < 1 << 31, path + ".bias[\(neuron)]",
          "the accumulator can reach \(range), beyond 32 bits")
        guard let requant else { continue }
        let size = layer.bias.count
        try require(
          requant.multiplier.count == size && requant.shift.count == size, path + ".requant",
          "expected \(size) multipliers and shifts")
        try require(
          requant.multiplier[neuron] > 0, path + ".requant.multiplier[\(neuron)]",
          "\(requant.multiplier[neuron]) is not positive")
        try require(
          requant.shift[neuron] <= 30, path + ".requant.shift[\(neuron)]", "\(requant.shift[neuron]) is above 30")
        try require(
          1...32_767 ~= requant.upper, path + ".requant.upper", "\(requant.upper), expected 1 to 32767")
        next.append(
          output(
            layer: index, neuron: neuron, preactivation: range.lowerBound)...output(
              layer: index, neuron: neuron, preactivation: range.upperBound))
      }
      ranges = next
    }
  }
}

extension IntegerNetwork: Codable {
  /// The `format` field of the files.
  public static let format = "logicflow-network/1"

  private enum CodingKeys: String, CodingKey { case format, input, layers }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let format = try container.decode(String.self, forKey: .format)
    guard format == Self.format else {
      throw InvalidNetwork(path: "format", reason: "'\(format)' is unknown, expected '\(Self.format)'")
    }
    try self.init(
      input: container.decode(InputDomain.self, forKey: .input), layers: container.decode([Layer].self, forKey: .layers)
    )
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.format, forKey: .format)
    try container.encode(input, forKey: .input)
    try container.encode(layers, forKey: .layers)
  }
}
