import TinyTensor

/// What a forward pass does at each node: positions instead of names, last uses, and which nodes are computed together with
/// a batch norm in one pass over memory.
struct ForwardSchedule {
  /// What happens at a node.
  enum Action {
    /// The node is computed; a batch norm takes the activation behind it along.
    case compute(FusedActivation)
    /// Its value is its input's: the activation that the batch norm took along.
    case alias
    /// Nothing: a batch norm or sum that is computed at the activation of a residual block.
    case skip
    /// The batch norm at the given position, plus the other operand of the sum, through the activation.
    case residual(norm: Int, FusedActivation)
  }

  /// Per node.
  private(set) var actions: [Action]
  /// Per node, the nodes whose values it reads.
  private(set) var inputs: [[Int]]
  /// Per node, the last node that reads its value, −1 for none.
  private(set) var lastUse: [Int]

  init(_ network: Network, fusing: Bool) {
    let nodes = network.nodes
    inputs = nodes.map { $0.inputs.compactMap { network.indexByName[$0] } }
    actions = Array(repeating: .compute(.identity), count: nodes.count)
    lastUse = Array(repeating: -1, count: nodes.count)
    if fusing { fuse(nodes) }
    for (index, sources) in inputs.enumerated() {
      for source in sources { lastUse[source] = index }
    }
  }

  private mutating func fuse(_ nodes: [Node]) {
    var uses = Array(repeating: 0, count: nodes.count)
    for source in inputs.joined() { uses[source] += 1 }
    func isPrivateNorm(_ index: Int) -> Bool {
      if case .batchNorm = nodes[index].op { uses[index] == 1 } else { false }
    }
    for (index, node) in nodes.enumerated() {
      guard let activation = Self.fusedActivation(node.op), let source = inputs[index].first, uses[source] == 1 else {
        continue
      }
      if isPrivateNorm(source) {
        actions[source] = .compute(activation)
        actions[index] = .alias
      } else if case .add = nodes[source].op, inputs[source].count == 2,
        let norm = inputs[source].first(where: isPrivateNorm),
        let other = inputs[source].first(where: { $0 != norm })
      {
        actions[norm] = .skip
        actions[source] = .skip
        actions[index] = .residual(norm: norm, activation)
        inputs[index] = [inputs[norm][0], other]
        inputs[norm] = []
        inputs[source] = []
      }
    }
  }

  /// The activation that a batch norm can apply in its own pass, if the operation is one.
  private static func fusedActivation(_ op: Node.Operation) -> FusedActivation? {
    switch op {
    case .relu: .relu
    case .gelu: .gelu
    default: nil
    }
  }
}
