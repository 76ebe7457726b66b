import LogicFlowVerify

/// A conjunction of literals as two bit masks, so that a pattern is tested in a few instructions.
struct SignMask: Sendable {
  /// Bits that are tested, and what they must be.
  private let tested, wanted: [UInt64]

  init(_ literals: some Sequence<Literal>, _ network: IntegerNetwork) {
    var first = [0]
    for layer in network.layers.dropLast() { first.append(first[first.count - 1] + layer.bias.count) }
    let words = (network.hiddenNeurons + 63) / 64
    var (tested, wanted) = ([UInt64](repeating: 0, count: words), [UInt64](repeating: 0, count: words))
    for literal in literals {
      let bit = first[literal.layer] + literal.neuron
      tested[bit >> 6] |= 1 << UInt64(bit & 63)
      if literal.positive { wanted[bit >> 6] |= 1 << UInt64(bit & 63) }
    }
    (self.tested, self.wanted) = (tested, wanted)
  }

  /// Whether `pattern` satisfies every literal.
  func matches(_ pattern: SignPattern) -> Bool {
    for index in tested.indices where pattern.words[index] & tested[index] != wanted[index] { return false }
    return true
  }
}
