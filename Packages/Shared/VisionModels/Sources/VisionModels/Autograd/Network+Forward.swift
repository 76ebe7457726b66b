import TinyNN
import TinyTensor

extension Network {
  /// Runs the graph on a batch, recording what the backward pass needs.
  ///
  /// ```swift
  /// let parameters = try ParameterSet(network)
  /// var maps: [String: Variable] = [:]
  /// let logits = try network.forward(Variable(batch.images), parameters: parameters) { node, output in
  ///   guard output.requiresGradient else { return }   // the image itself
  ///   output.retainGradient()                         // d loss / d activation of every layer
  ///   maps[node] = output
  /// }
  /// crossEntropy(logits, labels: batch.labels).backward()
  /// ```
  /// - Parameters:
  ///   - x: normalised images `[batch, height, width, channels]`.
  ///   - parameters: made from this network (or one of equal structure).
  ///   - mode: batch or running statistics, dropout.
  ///   - observe: called with each node's output as it is computed. Without it, batch norm, residual sum and activation
  ///     are computed in one pass over memory.
  /// - Returns: the output of the last node, `[batch, classes]` for a classifier.
  /// - Throws: ``NetworkError/invalidBatch(expected:got:)`` or what a custom operation throws.
  public func forward(
    _ x: Variable, parameters: ParameterSet, mode: ForwardMode = .evaluation,
    observe: ((_ node: String, _ output: Variable) -> Void)? = nil
  ) throws(NetworkError) -> Variable {
    guard x.shape.count == 4, x.shape[0] > 0, Array(x.shape.dropFirst()) == inputShape else {
      throw .invalidBatch(expected: inputShape, got: x.shape)
    }
    let schedule = ForwardSchedule(self, fusing: observe == nil)
    var values: [Variable?] = Array(repeating: nil, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      let inputs = schedule.inputs[index].compactMap { values[$0] }
      switch schedule.actions[index] {
      case .skip: continue
      case .alias: values[index] = inputs[0]
      case .compute(let activation):
        values[index] = try evaluate(node, inputs, image: x, parameters: parameters, mode: mode, activation)
      case .residual(let norm, let activation):
        values[index] = try normalize(
          nodes[norm], inputs[0], parameters: parameters, mode: mode, activation, adding: inputs[1])
      }
      if let observe, let output = values[index] { observe(node.name, output) }
      for source in schedule.inputs[index] where schedule.lastUse[source] == index { values[source] = nil }
    }
    guard let output = values[nodes.count - 1] else { throw .missingInput(network: name) }
    return output
  }

  private func evaluate(
    _ node: Node, _ inputs: [Variable], image: Variable, parameters: ParameterSet, mode: ForwardMode,
    _ activation: FusedActivation
  ) throws(NetworkError) -> Variable {
    func parameter(_ local: String) throws(NetworkError) -> Variable {
      try parameters.variable(node.name + "." + local)
    }
    switch node.op {
    case .input: return image
    case .conv2d(let conv):
      return conv2d(
        inputs[0], weight: try parameter("weight"), bias: conv.bias ? try parameter("bias") : nil, stride: conv.stride,
        padding: conv.padding, dilation: conv.dilation, groups: conv.groups)
    case .batchNorm:
      return try normalize(node, inputs[0], parameters: parameters, mode: mode, activation)
    case .linear(let layer):
      return linear(inputs[0], weight: try parameter("weight"), bias: layer.bias ? try parameter("bias") : nil)
    case .custom(let operation):
      var local: [String: Variable] = [:]
      for specification in operation.parameterSpecifications {
        local[specification.name] = try parameter(specification.name)
      }
      do {
        return try operation.forward(inputs, parameters: local, mode: mode)
      } catch {
        throw error.located(at: node.name)
      }
    case .dropout(let probability):
      guard case .training(let seed, let step) = mode, probability > 0 else { return inputs[0] }
      var generator = Philox(seed: seed, stream: "dropout.\(node.name).\(step)")
      return dropout(inputs[0], probability: probability, using: &generator)
    default:
      return Self.evaluatePlain(node.op, inputs)
    }
  }

  /// Batch norm, with a residual and an activation in the same pass.
  private func normalize(
    _ node: Node, _ x: Variable, parameters: ParameterSet, mode: ForwardMode,
    _ activation: FusedActivation, adding residual: Variable? = nil
  ) throws(NetworkError) -> Variable {
    guard case .batchNorm(let norm) = node.op, let state = parameters.batchNormStates[node.name] else {
      throw .parameters([.missing(node.name + ".running_mean")])
    }
    if mode.isTraining, x.shape.dropLast().reduce(1, *) < 2 {
      throw .unsupported(
        node: node.name, detail: "batch statistics need more than one value per channel; use a larger batch")
    }
    return batchNorm(
      x, weight: try parameters.variable(node.name + ".weight"), bias: try parameters.variable(node.name + ".bias"),
      statistics: state, training: mode.isTraining, epsilon: norm.epsilon, momentum: norm.momentum,
      activation: activation, adding: residual)
  }

  /// Operations without parameters and state.
  static func evaluatePlain(_ op: Node.Operation, _ inputs: [Variable]) -> Variable {
    let x = inputs[0]
    switch op {
    case .relu: return TinyNN.relu(x)
    case .relu6: return relu6(x)
    case .gelu: return gelu(x)
    case .silu: return silu(x)
    case .sigmoid: return sigmoid(x)
    case .hardSigmoid: return hardSigmoid(x)
    case .tanh: return TinyNN.tanh(x)
    case .leakyReLU(let slope): return leakyReLU(x, slope: slope)
    case .maxPool(let pool): return maxPool2d(x, kernel: pool.kernel, stride: pool.stride, padding: pool.padding)
    case .avgPool(let pool, let countIncludePad):
      return avgPool2d(
        x, kernel: pool.kernel, stride: pool.stride, padding: pool.padding, countIncludePad: countIncludePad)
    case .globalAveragePool: return globalAveragePool(x)
    case .flatten: return x.shape.count == 4 ? flatten(x) : x
    case .add: return inputs.dropFirst().reduce(x) { $0 + $1 }
    case .concat: return concat(inputs)
    case .padShortcut(let pad): return padShortcut(x, stride: pad.stride, before: pad.before, after: pad.after)
    case .scale(let factor): return x * factor
    case .zero: return Variable(Tensor(zeros: x.shape))
    default: return x
    }
  }
}
