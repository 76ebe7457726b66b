import LogicFlowVerify

/// All leaves that some input of the domain may reach, visited by samples or not: the second mode of specification 2.2, for small
/// networks.
///
/// Neuron by neuron, a side is left out only when it is proved in exact integers to contain no input. So no
/// reachable leaf is missing; a leaf that no input reaches may remain where the proof would have needed more than one node.
public struct ExhaustiveTree: Sendable {
  /// One leaf.
  public struct Leaf: Sendable, Hashable {
    /// Signs of all hidden neurons.
    public let literals: [Literal]
    /// Its only class, if the leaf is proved constant.
    public let outcome: Int?
    /// Whether inputs of two classes are known.
    public let isMixed: Bool
  }

  /// The leaves, in the order of their signs.
  public let leaves: [Leaf]

  /// Enumerates the leaves of `network`.
  /// - Parameters:
  ///   - limit: leaves beyond which the network is refused as too large.
  ///   - budget: search nodes per leaf and class.
  public init(_ network: IntegerNetwork, limit: Int = 100_000, budget: Int = 40) throws(LogicFlowError) {
    let search = TreeSearch(network: network, budget: budget)
    var frontier = [[Literal]()]
    for layer in 0..<network.hiddenLayers {
      for neuron in network.layers[layer].bias.indices {
        let paths = frontier
        frontier = parallelMap(paths.count) { search.children(paths[$0], layer, neuron) }.flatMap { $0 }
        guard frontier.count <= limit else {
          throw .invalidSetting(
            name: "limit", value: "\(limit)",
            expected: "more: neuron \(neuron) of layer \(layer) has \(frontier.count) paths")
        }
      }
    }
    let paths = frontier
    leaves = parallelMap(paths.count) { search.leaf(paths[$0]) }
  }
}

/// The questions that the enumeration asks.
private struct TreeSearch {
  let network: IntegerNetwork
  let budget: Int

  /// The sides of the next decision that are not proved empty.
  func children(_ path: [Literal], _ layer: Int, _ neuron: Int) -> [[Literal]] {
    [false, true].compactMap { positive in
      let side = path + [Literal(layer: layer, neuron: neuron, positive: positive)]
      return Prover(network, budget: 1).provesEmpty(Region(literals: side)) ? nil : side
    }
  }

  /// The first class for which no input speaks against it.
  func leaf(_ literals: [Literal]) -> ExhaustiveTree.Leaf {
    var seen: Set<Int> = []
    var isSettled = true
    for outcome in 0..<network.classes where seen.isEmpty || seen.contains(outcome) {
      switch Prover(network, budget: budget).decide(Region(literals: literals), outcome: outcome) {
      case .proved: return ExhaustiveTree.Leaf(literals: literals, outcome: outcome, isMixed: false)
      case .refuted(let x): seen.insert(network.classify(x))
      case .undecided: isSettled = false
      }
    }
    return ExhaustiveTree.Leaf(literals: literals, outcome: nil, isMixed: isSettled || seen.count > 1)
  }
}
