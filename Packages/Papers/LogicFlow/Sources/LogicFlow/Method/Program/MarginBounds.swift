import LogicFlowVerify

/// What the neurons of the last hidden layer that are not yet known can still do to the logits: interval arithmetic on the whole
/// domain, so a margin exit needs no certificate.
struct MarginBounds {
  private let weights: [[Int8]]
  private let ranges: [ClosedRange<Int>]

  init(_ network: IntegerNetwork) {
    let relaxation = Relaxation(network, region: Region())
    weights = network.layers[network.layers.count - 1].weights
    ranges = (relaxation.lower.count - weights[0].count..<relaxation.lower.count).map {
      relaxation.lower[$0]...relaxation.upper[$0]
    }
  }

  /// Neurons by how much they can move the difference of two classes, or the spread of many, largest first.
  var order: [Int] {
    let influence = ranges.indices.map { neuron -> Int in
      let column = weights.map { Int($0[neuron]) }
      return ((column.max() ?? 0) - (column.min() ?? 0)) * ranges[neuron].upperBound
    }
    return ranges.indices.sorted { influence[$0] == influence[$1] ? $0 < $1 : influence[$0] > influence[$1] }
  }

  /// The most that `logit_k − logit_c` can still gain from `neurons`.
  func gain(_ k: Int, over c: Int, from neurons: some Sequence<Int>) -> Int {
    neurons.reduce(0) { sum, neuron in
      let weight = Int(weights[k][neuron]) - Int(weights[c][neuron])
      return sum + max(weight * ranges[neuron].lowerBound, weight * ranges[neuron].upperBound)
    }
  }
}
