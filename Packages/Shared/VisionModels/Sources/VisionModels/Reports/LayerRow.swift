/// One row of a printable layer table.
public struct LayerRow: Sendable, Hashable, Codable {
  /// Name of the node.
  public let name: String
  /// Kind of operation and its size, e.g. `"conv2d 3×3/2, 16→32"`.
  public let layer: String
  /// Output shape for one image, `[h, w, c]` or `[features]`.
  public let output: [Int]
  /// Trainable scalars.
  public let parameters: Int
  /// Multiply-accumulates for one image.
  public let macs: Int
  /// Share of the network's multiply-accumulates, 0…1.
  public let macShare: Double
}

extension Network {
  /// The table that `info` prints.
  /// - Parameter all: also rows that cost nothing (activations, sums, reshapes).
  public func layerTable(all: Bool = false) -> [LayerRow] {
    let cost = cost()
    let total = Double(max(cost.macs, 1))
    return zip(nodes, cost.layers).compactMap { node, layer in
      guard all || layer.parameters > 0 || layer.macs > 0 else { return nil }
      return LayerRow(
        name: node.name, layer: node.op.summary, output: layer.outputShape, parameters: layer.parameters,
        macs: layer.macs, macShare: Double(layer.macs) / total)
    }
  }
}

extension Node.Operation {
  /// Kind and size in a few characters, for tables.
  public var summary: String {
    switch self {
    case .conv2d(let conv):
      "conv2d \(conv.kernel)×\(conv.kernel)" + (conv.stride > 1 ? "/\(conv.stride)" : "")
        + ", \(conv.inputChannels)→\(conv.outputChannels)" + (conv.groups > 1 ? ", \(conv.groups) groups" : "")
        + (conv.bias ? ", bias" : "")
    case .linear(let linear): "linear \(linear.inputFeatures)→\(linear.outputFeatures)" + (linear.bias ? ", bias" : "")
    case .batchNorm(let norm): "batchNorm \(norm.channels)"
    case .maxPool(let pool): "maxPool \(pool.kernel)×\(pool.kernel)/\(pool.stride)"
    case .avgPool(let pool, _): "avgPool \(pool.kernel)×\(pool.kernel)/\(pool.stride)"
    case .padShortcut(let pad): "padShortcut /\(pad.stride), \(pad.before)+…+\(pad.after)"
    case .dropout(let probability): "dropout \(probability)"
    case .scale(let factor): "scale \(factor)"
    default: kind
    }
  }
}
