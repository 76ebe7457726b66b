import TinyTensor
import VisionModels

/// Independent uniform numbers: the floor every criterion has to beat.
public struct RandomCriterion: ImportanceCriterion {
  public let name = "random"
  public let needsImages = false

  /// Creates the criterion; the seed comes with the context.
  public init() {}

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    let widths = PruningHistory.widths(of: network)
    return Dictionary(
      uniqueKeysWithValues: network.scoredLayers.map { layer in
        // A stream per layer and width: a layer's numbers depend neither on the other layers nor on earlier rounds.
        let width = widths[layer] ?? 0
        var generator = Philox(seed: context.seed, stream: "random.\(layer).\(width)")
        return (layer, (0..<width).map { _ in generator.uniform() })
      })
  }
}
