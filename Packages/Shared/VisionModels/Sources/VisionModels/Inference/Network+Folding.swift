import TinyTensor

extension Network {
  /// The same function in evaluation mode with every batch norm that directly follows a convolution or linear layer folded
  /// into it: `w' = w · γ/√(σ²+ε)`, `b' = β + (b − μ) · γ/√(σ²+ε)`.
  ///
  /// Batch norms elsewhere (pre-activation networks) stay. Dropout and identity nodes are taken out, and so is what does
  /// not lead to the output.
  public func foldingBatchNorms() throws(NetworkError) -> Network {
    try validateParameters()
    var used = self
    try used.removeUnusedNodes()
    let nodes = used.nodesWithoutPassThrough
    var readers: [String: Int] = [:]
    for node in nodes { for input in node.inputs { readers[input, default: 0] += 1 } }
    var tensors = used.parameters
    var alias: [String: String] = [:]
    var kept: [Node] = []
    for var node in nodes {
      let source = node.inputs.first ?? ""
      node.inputs = node.inputs.map { alias[$0] ?? $0 }
      guard case .batchNorm(let norm) = node.op, readers[source] == 1,
        let position = kept.firstIndex(where: { $0.name == node.inputs[0] }), let folded = kept[position].op.addingBias
      else {
        kept.append(node)
        continue
      }
      Self.fold(norm, named: node.name, into: kept[position].name, &tensors)
      kept[position].op = folded
      guard node.name != used.outputName else {
        // The output keeps its name: the folded layer takes the batch norm's place.
        return try used.finishingFold(kept, renaming: kept[position].name, to: node.name, tensors)
      }
      alias[node.name] = kept[position].name
    }
    return try used.rewritten(kept, parameters: tensors)
  }

  /// The nodes without identities and dropouts; what read them reads their input.
  private var nodesWithoutPassThrough: [Node] {
    var alias: [String: String] = [:]
    return nodes.compactMap { node in
      var node = node
      node.inputs = node.inputs.map { alias[$0] ?? $0 }
      switch node.op {
      case .identity, .dropout:
        guard node.name != outputName else { return node }
        alias[node.name] = node.inputs[0]
        return nil
      default: return node
      }
    }
  }

  private func finishingFold(
    _ nodes: [Node], renaming old: String, to new: String, _ tensors: [String: Tensor]
  ) throws(NetworkError) -> Network {
    var renamed = nodes
    var tensors = tensors
    if let position = renamed.firstIndex(where: { $0.name == old }) { renamed[position].name = new }
    for local in ["weight", "bias"] { tensors["\(new).\(local)"] = tensors["\(old).\(local)"] }
    return try rewritten(renamed, parameters: tensors)
  }

  private static func fold(
    _ norm: BatchNorm, named name: String, into layer: String, _ tensors: inout [String: Tensor]
  ) {
    guard let affine = BatchNormAffine(norm, named: name, tensors), let weight = tensors["\(layer).weight"] else {
      return
    }
    let perFilter = weight.count / norm.channels
    tensors["\(layer).weight"] = Tensor(
      shape: weight.shape, weight.scalars.enumerated().map { $1 * affine.scale[$0 / perFilter] })
    let bias = tensors["\(layer).bias"]?.scalars ?? Array(repeating: 0, count: norm.channels)
    tensors["\(layer).bias"] = Tensor(
      shape: [norm.channels], (0..<norm.channels).map { bias[$0] * affine.scale[$0] + affine.shift[$0] })
  }
}

/// Evaluation-mode batch norm as `x · scale + shift` per channel.
struct BatchNormAffine {
  let scale: [Float]
  let shift: [Float]

  init?(_ norm: BatchNorm, named name: String, _ tensors: [String: Tensor]) {
    guard let gamma = tensors["\(name).weight"]?.scalars, let beta = tensors["\(name).bias"]?.scalars,
      let mean = tensors["\(name).running_mean"]?.scalars, let variance = tensors["\(name).running_var"]?.scalars
    else { return nil }
    let scale = (0..<norm.channels).map { gamma[$0] / (variance[$0] + norm.epsilon).squareRoot() }
    self.scale = scale
    shift = (0..<norm.channels).map { beta[$0] - mean[$0] * scale[$0] }
  }
}

extension Node.Operation {
  /// The same convolution or linear layer with a bias; nil for anything else.
  fileprivate var addingBias: Node.Operation? {
    switch self {
    case .conv2d(var conv):
      conv.bias = true
      return .conv2d(conv)
    case .linear(var linear):
      linear.bias = true
      return .linear(linear)
    default: return nil
    }
  }
}
