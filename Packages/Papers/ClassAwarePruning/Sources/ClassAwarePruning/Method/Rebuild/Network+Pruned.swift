import TinyTensor
import VisionModels

extension Network {
  /// The physically smaller network of a plan (section 2.7): the kept rows, batch-norm channels and columns copied in order.
  ///
  /// Where each remaining filter came from is kept in the metadata (``PruningHistory``).
  /// - Parameters:
  ///   - plan: made for exactly these weights.
  ///   - units: the closure of this network, if it is at hand.
  ///   - foldConstants: add what zeroed channels would still contribute behind a batch norm (pre-activation networks) to the
  ///     next layer's bias; see ``ConstantFolding``.
  /// - Throws: ``PruneError/staleState(_:)`` for a plan of other weights, ``PruneError/openUnit(layer:channel:tiedLayer:tiedChannel:)``
  ///   for a plan that tears a unit apart, ``PruneError/belowFloor(layer:kept:floor:)`` if a layer would be empty.
  public func pruned(
    by plan: PruningPlan, units: ChannelUnits? = nil, foldConstants: Bool = false
  ) throws(PruneError) -> Network {
    let fingerprint = self.fingerprint
    guard plan.fingerprint == fingerprint else {
      throw .staleState(
        "the plan is for \(plan.network) \(plan.fingerprint.prefix(12)), the network is \(name) \(fingerprint.prefix(12))"
      )
    }
    let closure: ChannelUnits
    if let units { closure = units } else { closure = try ChannelUnits(self, pinning: Set(plan.pins)) }
    let keep = try plan.keepMask(closure)
    var source = self
    if foldConstants { source = try ConstantFolding(self, units: closure, keep: keep).applied(to: self) }
    return try source.rebuilt(closure, keep: keep)
  }

  /// Rebuilds the network from what a mask over its units keeps.
  func rebuilt(_ units: ChannelUnits, keep: [Bool]) throws(PruneError) -> Network {
    let kept = units.outputUnits.map { owners -> [Int]? in
      let indices = owners.indices.filter { keep[Int(owners[$0])] }
      return indices.count == owners.count ? nil : indices
    }
    var rewritten = nodes
    var tensors = parameters
    for index in nodes.indices {
      let outputs = kept[index]
      let inputs = units.inputNodes[index].first.flatMap { kept[$0] }
      guard outputs != nil || inputs != nil else { continue }
      if let outputs, outputs.isEmpty { throw .belowFloor(layer: nodes[index].name, kept: 0, floor: 1) }
      rewritten[index].op = shrunk(
        nodes[index].op, outputs: outputs, inputs: inputs, width: units.outputUnits[index].count)
      gather(nodes[index], outputs: outputs, inputs: inputs, into: &tensors)
    }
    var result = try asPruneError { () throws(NetworkError) in
      try self.rewritten(rewritten, parameters: tensors)
    }
    PruningHistory(of: self).following(units, kept: kept).write(to: &result)
    return result
  }

  private func shrunk(_ op: Node.Operation, outputs: [Int]?, inputs: [Int]?, width: Int) -> Node.Operation {
    switch op {
    case .conv2d(var conv):
      if conv.groups > 1 {
        // Whole groups went: the sizes per group stay.
        let perGroup = conv.outputChannels / conv.groups
        let groups = (outputs?.count ?? conv.outputChannels) / perGroup
        conv.inputChannels = conv.inputChannels / conv.groups * groups
        conv.outputChannels = perGroup * groups
        conv.groups = groups
      } else {
        conv.inputChannels = inputs?.count ?? conv.inputChannels
        conv.outputChannels = outputs?.count ?? conv.outputChannels
      }
      return .conv2d(conv)
    case .linear(var linear):
      linear.inputFeatures = inputs?.count ?? linear.inputFeatures
      linear.outputFeatures = outputs?.count ?? linear.outputFeatures
      return .linear(linear)
    case .batchNorm(var norm):
      norm.channels = outputs?.count ?? norm.channels
      return .batchNorm(norm)
    case .padShortcut(var pad):
      guard let outputs else { return op }
      let end = width - pad.after
      let before = outputs.count { $0 < pad.before }
      let after = outputs.count { $0 >= end }
      pad.before = before
      pad.after = after
      return .padShortcut(pad)
    default:
      return op
    }
  }

  private func gather(_ node: Node, outputs: [Int]?, inputs: [Int]?, into tensors: inout [String: Tensor]) {
    for specification in node.parameterSpecifications {
      guard let tensor = tensors[specification.name] else { continue }
      let isGrouped = if case .conv2d(let conv) = node.op { conv.groups > 1 } else { false }
      switch specification.role {
      case .weight:
        tensors[specification.name] = GatherKernel.gather(
          tensor, rows: outputs, columns: isGrouped ? nil : inputs)
      case .bias, .scale, .shift, .runningMean, .runningVariance:
        tensors[specification.name] = GatherKernel.gather(tensor, rows: outputs)
      case .custom, .customBuffer:
        continue
      }
    }
  }
}
