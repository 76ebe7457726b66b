import TinyTensor
import VisionModels

/// How a channel is silenced in the unpruned network, to be compared with its removal.
public enum MaskStyle: String, Sendable, Codable {
  /// Rows, biases and all batch-norm channels of the unit become 0, so that nothing of it is left behind any norm.
  /// Removing the unit then changes nothing (as long as the activations map 0 to 0).
  case everyNorm
  /// Only the rows and biases become 0, and those batch norms that follow a producing layer directly. Norms further on (the
  /// pre-activation norms of a DenseNet) still turn the zero into a constant; ``ConstantFolding`` accounts for it.
  case producersOnly
}

extension Network {
  /// The network with the filters of a plan silenced but present: the reference for the rebuilt one.
  /// - Throws: as ``pruned(by:units:foldConstants:)``.
  public func masked(
    by plan: PruningPlan, style: MaskStyle = .everyNorm, units: ChannelUnits? = nil
  ) throws(PruneError) -> Network {
    let closure: ChannelUnits
    if let units { closure = units } else { closure = try ChannelUnits(self, pinning: Set(plan.pins)) }
    return masked(closure, keep: try plan.keepMask(closure), style: style)
  }

  func masked(_ units: ChannelUnits, keep: [Bool], style: MaskStyle) -> Network {
    var result = self
    let directNorms = units.normsBehindProducers(self)
    for (index, node) in nodes.enumerated() {
      let silenced = units.outputUnits[index].indices.filter { !keep[Int(units.outputUnits[index][$0])] }
      guard !silenced.isEmpty else { continue }
      let roles: Set<ParameterSpecification.Role>
      switch node.op {
      case .conv2d, .linear: roles = [.weight, .bias]
      case .batchNorm where style == .everyNorm || directNorms.contains(index): roles = [.scale, .shift]
      default: continue
      }
      for specification in node.parameterSpecifications where roles.contains(specification.role) {
        result.parameters[specification.name]?.zeroRows(silenced)
      }
    }
    return result
  }
}

extension ChannelUnits {
  /// Positions of batch norms that are the only reader of a convolution or linear layer: they count as part of it.
  func normsBehindProducers(_ network: Network) -> Set<Int> {
    var readers = [Int](repeating: 0, count: network.nodes.count)
    for sources in inputNodes { for source in sources { readers[source] += 1 } }
    return Set(
      network.nodes.indices.filter { index in
        guard case .batchNorm = network.nodes[index].op, let source = inputNodes[index].first else { return false }
        return producingNodes.contains(source) && readers[source] == 1
      })
  }
}

extension Tensor {
  /// Sets whole rows (slices along the first dimension) to 0.
  mutating func zeroRows(_ rows: [Int]) {
    guard let length = shape.first.map({ $0 == 0 ? 0 : count / $0 }) else { return }
    withUnsafeMutableBufferPointer { buffer in
      for row in rows {
        for index in row * length..<(row + 1) * length { buffer[index] = 0 }
      }
    }
  }
}
