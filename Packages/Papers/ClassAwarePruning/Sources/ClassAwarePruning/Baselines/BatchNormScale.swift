import VisionModels

/// |γ| of the batch norm right behind a layer (network slimming: Liu et al., ICCV 2017). A layer without one is scored by
/// its filters' L2 norm relative to the layer's largest.
public struct BatchNormScale: ImportanceCriterion {
  public let name = "bn"
  public let needsImages = false

  /// Creates the criterion.
  public init() {}

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    var result = try WeightNorm(.l2, scaling: .layerMaximum).scores(network, context: context)
    for layer in network.scoredLayers {
      let norm = network.observationPoint(layer, stage: .normalised)
      if norm != layer, let scale = network.parameters[norm + ".weight"] {
        result[layer] = scale.scalars.map { abs($0) }
      }
    }
    return result
  }
}
