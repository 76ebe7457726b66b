import TinyTensor
import VisionModels

/// Squared first-order effect of a gate behind the batch norm: `Σ_m (Σ_yx a·g)²` (Molchanov et al., CVPR 2019).
public struct TaylorGate: ImportanceCriterion {
  public let name = "taylor"

  /// Creates the criterion.
  public init() {}

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    let set = try context.images(for: network, criterion: name)
    let layers = network.scoredLayers
    let points = layers.map { network.observationPoint($0, stage: .normalised) }
    let probe = try LayerProbe(network, nodes: Set(points))
    var sums: [String: [Double]] = [:]
    for (label, images) in set.images.enumerated() {
      for observation in try probe.gradients(images, label: label).observations {
        guard let gradients = observation.gradients else { continue }
        guard observation.activations.isFinite, gradients.isFinite else {
          throw .notFinite(layer: observation.node, what: "an activation or gradient")
        }
        Self.add(observation.activations, gradients, to: &sums[observation.node, default: []])
      }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(layers, points).map { ($0, (sums[$1] ?? []).map { Float($0) }) })
  }

  /// Adds the squares of one class's images.
  private static func add(_ activations: Tensor, _ gradients: Tensor, to sums: inout [Double]) {
    let images = activations.shape[0]
    let filters = activations.shape[activations.rank - 1]
    let positions = activations.count / (images * filters)
    if sums.isEmpty { sums = [Double](repeating: 0, count: filters) }
    activations.withUnsafeBufferPointer { a in
      gradients.withUnsafeBufferPointer { g in
        var gate = [Double](repeating: 0, count: filters)
        for image in 0..<images {
          for filter in 0..<filters { gate[filter] = 0 }
          for position in 0..<positions {
            let base = (image * positions + position) * filters
            for filter in 0..<filters { gate[filter] += Double(a[base + filter]) * Double(g[base + filter]) }
          }
          for filter in 0..<filters { sums[filter] += gate[filter] * gate[filter] }
        }
      }
    }
  }
}
