import TinyTensor

/// The vector–Jacobian product of one operation: given ∂loss/∂output, which it may overwrite, returns ∂loss/∂input for each
/// input; `nil` where the gradient is zero or not needed.
typealias BackwardRule = (_ gradient: inout Tensor, _ needed: [Bool]) -> [Tensor?]

/// One vertex of the recorded graph: a leaf that collects its gradient, or an operation that passes it on.
///
/// Nodes do not hold values. What a rule captured is all that stays alive between the forward and the backward pass.
final class GradientNode {
  let operation: String
  let shape: [Int]
  let isLeaf: Bool
  /// One more than the greatest depth among the inputs. Descending depth is a topological order of the graph.
  let depth: Int
  var retainsGradient = false
  /// The result: what leaves and retained nodes have collected.
  var gradient: Tensor?

  private(set) var inputs: [GradientNode?]
  private var rule: BackwardRule?
  private var pending: Tensor?
  private var isQueued = false

  init(leafOfShape shape: [Int]) {
    operation = "leaf"
    self.shape = shape
    isLeaf = true
    depth = 0
    inputs = []
  }

  init(_ operation: String, shape: [Int], inputs: [GradientNode?], rule: @escaping BackwardRule) {
    self.operation = operation
    self.shape = shape
    self.inputs = inputs
    self.rule = rule
    isLeaf = false
    depth = 1 + inputs.reduce(0) { max($0, $1?.depth ?? 0) }
  }

  /// Takes the graph apart without recursion, so that its depth is not limited by the stack.
  deinit {
    var orphans = inputs
    inputs = []
    while let last = orphans.popLast() {
      guard var node = consume last, isKnownUniquelyReferenced(&node) else { continue }
      orphans.append(contentsOf: node.inputs)
      node.inputs = []
    }
  }

  /// Adds a contribution; the first one is moved, not added.
  private func receive(_ contribution: Tensor, from operation: String) {
    precondition(
      contribution.shape == shape, "'\(operation)' returned a gradient of shape \(contribution.shape) for \(shape)")
    if isLeaf { Self.add(contribution, to: &gradient) } else { Self.add(contribution, to: &pending) }
  }

  private static func add(_ contribution: Tensor, to sum: inout Tensor?) {
    if sum == nil { sum = contribution } else { sum?.add(contribution, scaledBy: 1) }
  }

  /// Differentiates with respect to everything this node depends on.
  func backpropagate(_ seed: Tensor) {
    receive(seed, from: "backward")
    var order = reachableOperations()
    while let node = order.popLast() { node.propagate() }
  }

  /// Calls the rule, hands its results to the inputs, and lets go of both.
  private func propagate() {
    isQueued = false
    guard var incoming = pending else {
      release()
      return
    }
    pending = nil
    if retainsGradient { Self.add(incoming, to: &gradient) }
    guard let rule else {
      preconditionFailure("backward reached '\(operation)' a second time; a graph can be differentiated only once")
    }
    let targets = inputs
    release()
    let contributions = rule(&incoming, targets.map { $0 != nil })
    precondition(
      contributions.count == targets.count,
      "'\(operation)' returned \(contributions.count) gradients for \(targets.count) inputs")
    for (target, contribution) in zip(targets, contributions) {
      if let target, let contribution { target.receive(contribution, from: operation) }
    }
  }

  private func release() {
    rule = nil
    inputs = []
  }

  /// This node and all operations below it, by ascending depth; equals in the order of discovery, which is deterministic.
  private func reachableOperations() -> [GradientNode] {
    guard !isLeaf else { return [] }
    var found = [self]
    isQueued = true
    var next = 0
    while next < found.count {
      for case let input? in found[next].inputs where !input.isLeaf && !input.isQueued {
        input.isQueued = true
        found.append(input)
      }
      next += 1
    }
    return found.enumerated()
      .sorted { ($0.element.depth, $1.offset) < ($1.element.depth, $0.offset) }
      .map(\.element)
  }
}
