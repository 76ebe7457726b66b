import LogicFlowVerify

/// The score of a literal set on the training paths (specification 2.4, step 2).
public struct FlowScore: Sendable {
  private let tree: PathTree
  private let network: IntegerNetwork
  private let firstBit: [Int]
  /// Products that consume each hidden neuron's output.
  private let consumers: [[Int]]

  /// Prepares the training paths.
  public init(_ tree: PathTree) {
    self.tree = tree
    network = tree.network
    var bits: [Int] = []
    var next = 0
    for layer in 0..<network.hiddenLayers {
      bits.append(next)
      next += network.layers[layer].bias.count
    }
    firstBit = bits
    consumers = (0..<network.hiddenLayers).map { layer in
      tree.network.layers[layer].bias.indices.map { neuron in
        tree.network.layers[layer + 1].weights.count { $0[neuron] != 0 }
      }
    }
  }

  /// Whether no literal contradicts the path.
  public func isCompatible(_ path: Path, _ literals: [Literal]) -> Bool {
    literals.allSatisfy { path.pattern[firstBit[$0.layer] + $0.neuron] == $0.positive }
  }

  /// Visits of the paths that satisfy all literals.
  public func visits(_ literals: [Literal]) -> Int {
    tree.paths.reduce(0) { $0 + (isCompatible($1, literals) ? $1.visits : 0) }
  }

  /// Visits of compatible paths whose only class is `outcome`, and of the others.
  public func counts(_ literals: [Literal], outcome: Int) -> (good: Int, bad: Int) {
    var (good, bad) = (0, 0)
    for path in tree.paths where isCompatible(path, literals) {
      if path.outcomes == [outcome] { good += path.visits } else { bad += path.visits }
    }
    return (good, bad)
  }

  /// `skipped + 100·good − 1000·bad`.
  public func score(_ literals: [Literal], outcome: Int) -> Int {
    let (good, bad) = counts(literals, outcome: outcome)
    let support = support(literals)
    var products = 0
    for layer in consumers.indices {
      for neuron in consumers[layer].indices where !support[layer].contains(neuron) {
        products += consumers[layer][neuron]
      }
    }
    return good * products + 100 * good - 1000 * bad
  }

  /// Every hidden neuron that the literals depend on, per layer.
  private func support(_ literals: [Literal]) -> [Set<Int>] {
    var support = [Set<Int>](repeating: [], count: network.hiddenLayers)
    for layer in stride(from: network.hiddenLayers - 1, through: 0, by: -1) {
      for literal in literals where literal.layer == layer { support[layer].insert(literal.neuron) }
      guard layer + 1 < network.hiddenLayers else { continue }
      for later in support[layer + 1] {
        for (index, weight) in network.layers[layer + 1].weights[later].enumerated() where weight != 0 {
          support[layer].insert(index)
        }
      }
    }
    return support
  }
}
