import TinyTensor

/// A tensor that remembers how it was computed, for reverse-mode differentiation.
///
/// Functions of variables (`relu(x)`, `conv2d(x, weight: w)`, `a + b`, …) compute their value at once and, if an input requires
/// a gradient, record a node with a hand-written vector–Jacobian product. ``backward(_:)`` on a scalar walks the nodes and
/// leaves the derivative of the scalar in ``gradient`` of every leaf that requires one.
///
/// ```swift
/// let w = Variable(Tensor(shape: [2], [3, -1]), requiresGradient: true)
/// square(w).sum().backward()
/// w.gradient  // [6, -2]
/// ```
///
/// Only what a backward rule needs is kept alive, and it is released as the backward pass goes by; so a graph can be
/// differentiated once. Variables are references and belong to one thread at a time.
public final class Variable {
  /// The name of a parameter, PyTorch style (`"layer1.0.conv1.weight"`); optimisers and checkpoints use it as key.
  public let name: String?

  private var tensor: Tensor
  private(set) var node: GradientNode?

  /// Creates a leaf.
  /// - Parameters:
  ///   - value: the content.
  ///   - requiresGradient: whether ``backward(_:)`` shall compute ``gradient``; true for parameters.
  ///   - name: key for optimiser state and checkpoints.
  public init(_ value: Tensor, requiresGradient: Bool = false, name: String? = nil) {
    tensor = value
    self.name = name
    node = requiresGradient ? GradientNode(leafOfShape: value.shape) : nil
  }

  /// Creates the result of a recorded operation.
  init(_ value: Tensor, node: GradientNode) {
    tensor = value
    name = nil
    self.node = node
  }

  /// The content. Only leaves may be changed (in place where possible), and only to the same shape.
  public var value: Tensor {
    get { tensor }
    _modify {
      precondition(isLeaf, "only leaves can be assigned; this variable is the result of '\(node?.operation ?? "")'")
      yield &tensor
      precondition(
        node.map { $0.shape == tensor.shape } ?? true, "the shape of a variable that requires a gradient is fixed")
    }
  }

  /// The shape of ``value``.
  public var shape: [Int] { tensor.shape }

  /// Whether this is no result of a recorded operation.
  public var isLeaf: Bool { node?.isLeaf ?? true }

  /// Whether gradients flow to this variable. Can be changed on leaves (freezing a parameter drops its gradient).
  public var requiresGradient: Bool {
    get { node != nil }
    set {
      precondition(isLeaf, "requiresGradient can be changed on leaves only")
      if newValue != requiresGradient { node = newValue ? GradientNode(leafOfShape: shape) : nil }
    }
  }

  /// The derivative of the scalars on which ``backward(_:)`` was called, summed over calls, in the shape of ``value``.
  ///
  /// `nil` before the first backward pass and for variables that require no gradient; for results of operations only after
  /// ``retainGradient()``. May be changed in place, for instance to clip it or to average it over workers.
  public var gradient: Tensor? {
    get { node?.gradient }
    _modify {
      if let node {
        yield &node.gradient
        precondition(node.gradient.map { $0.shape == shape } ?? true, "a gradient has the shape of its variable")
      } else {
        var none: Tensor?
        yield &none
        precondition(none == nil, "this variable does not require a gradient")
      }
    }
  }

  /// Forgets the accumulated gradient.
  public func clearGradient() { node?.gradient = nil }

  /// Asks the backward pass to keep the gradient of an intermediate result, such as ∂loss/∂activation.
  public func retainGradient() {
    precondition(node != nil, "retainGradient on a variable through which no gradient flows")
    node?.retainsGradient = true
  }

  /// The same value, cut off from the graph.
  public func detached() -> Variable { Variable(tensor, name: name) }
}

extension Variable: CustomStringConvertible {
  /// Name, origin and value.
  public var description: String {
    let origin = isLeaf ? "leaf" : node?.operation ?? ""
    return "Variable(\(name.map { $0 + ", " } ?? "")\(origin), \(tensor))"
  }
}
