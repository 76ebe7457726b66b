import TinyTensor

extension Variable {
  /// Computes the gradients of all leaves this variable depends on, and adds them to their ``gradient``.
  ///
  /// Iterative, in an order fixed by the graph's structure; saved activations are released on the way, so that a second pass
  /// through the same graph is a programmer's error.
  /// - Parameter seed: the derivative of the loss with respect to this variable, in its shape; 1 for a scalar loss.
  public func backward(_ seed: Tensor? = nil) {
    guard let node else { preconditionFailure("backward on a variable through which no gradient flows") }
    precondition(seed != nil || value.count == 1, "backward without seed needs a scalar, the shape is \(shape)")
    precondition(seed.map { $0.shape == shape } ?? true, "the seed must have the shape \(shape)")
    node.backpropagate(seed ?? Tensor(repeating: 1, shape: shape))
  }

  /// The result of an operation defined by the caller: the door for quantisers, look-up-table arithmetic, simulated hardware.
  ///
  /// - Parameters:
  ///   - name: of the operation, for messages.
  ///   - inputs: what the value was computed from.
  ///   - value: the output.
  ///   - backward: given the gradient of the output and a flag per input, returns a gradient in the shape of each input, or
  ///     `nil` where the flag is false or the gradient is zero. Capture tensors, not variables.
  public static func custom(
    _ name: String, inputs: [Variable], value: Tensor,
    backward: @escaping (_ outputGradient: Tensor, _ needed: [Bool]) -> [Tensor?]
  ) -> Variable {
    result(name, inputs, value) { gradient, needed in backward(gradient, needed) }
  }

  /// Whether an operation on these inputs has to be recorded.
  static func isRecording(_ inputs: [Variable]) -> Bool {
    GradientMode.isEnabled && inputs.contains { $0.requiresGradient }
  }

  /// Wraps the value of a built-in operation, recording its rule if a gradient can flow.
  static func result(
    _ operation: String, _ inputs: [Variable], _ value: Tensor, _ rule: @escaping BackwardRule
  ) -> Variable {
    guard isRecording(inputs) else { return Variable(value) }
    return Variable(value, node: GradientNode(operation, shape: value.shape, inputs: inputs.map(\.node), rule: rule))
  }

  /// The same for operations with one differentiable input.
  static func result(
    _ operation: String, _ input: Variable, _ value: Tensor, _ rule: @escaping (inout Tensor) -> Tensor
  ) -> Variable {
    result(operation, [input], value) { gradient, _ in [rule(&gradient)] }
  }
}
