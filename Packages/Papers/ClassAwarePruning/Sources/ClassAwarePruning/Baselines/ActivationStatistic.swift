import TinyTensor
import VisionModels

/// How active a filter is behind its activation function: its mean, or the share of non-zero values (one minus APoZ of
/// Hu et al., "Network trimming", 2016).
public struct ActivationStatistic: ImportanceCriterion {
  /// The statistic.
  public enum Kind: String, Sendable, Codable {
    /// Mean absolute value.
    case mean
    /// `1 − APoZ`.
    case shareOfNonZeros
  }

  /// The statistic.
  public let kind: Kind
  public var name: String { kind == .mean ? "activation" : "apoz" }

  /// Creates the criterion.
  public init(_ kind: Kind) {
    self.kind = kind
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    let set = try context.images(for: network, criterion: name)
    let layers = network.scoredLayers
    let points = layers.map { network.observationPoint($0, stage: .activated) }
    let probe = try LayerProbe(network, nodes: Set(points))
    var sums: [String: [Double]] = [:]
    var values: [String: Int] = [:]
    for images in set.images {
      for observation in try probe.activations(images) {
        guard observation.activations.isFinite else {
          throw .notFinite(layer: observation.node, what: "an activation")
        }
        add(observation.activations, to: &sums[observation.node, default: []])
        let filters = observation.activations.shape.last ?? 1
        values[observation.node, default: 0] += observation.activations.count / filters
      }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(layers, points).map { layer, point in
        (layer, (sums[point] ?? []).map { Float($0 / Double(values[point] ?? 1)) })
      })
  }

  private func add(_ activations: Tensor, to sums: inout [Double]) {
    let filters = activations.shape[activations.rank - 1]
    if sums.isEmpty { sums = [Double](repeating: 0, count: filters) }
    activations.withUnsafeBufferPointer { a in
      for base in stride(from: 0, to: a.count, by: filters) {
        for filter in 0..<filters {
          let value = a[base + filter]
          sums[filter] += kind == .mean ? Double(abs(value)) : (value != 0 ? 1 : 0)
        }
      }
    }
  }
}
