import ReproductionKit
import VisionModels

/// Predicted beside measured time of every fused step of a network (claim F7).
public struct LayerPrediction: Sendable, Hashable, Codable {
  /// One step of the inference engine.
  public struct Step: Sendable, Hashable, Codable {
    /// The nodes computed together; the first names the step.
    public let nodes: [String]
    /// Measured, microseconds.
    public let measuredMicroseconds: Double
    /// Predicted, microseconds.
    public let predictedMicroseconds: Double
  }

  /// The steps with a convolution or linear layer, in order.
  public let steps: [Step]
  /// Sum over all steps, measured, microseconds.
  public let measuredTotal: Double
  /// Sum over all nodes, predicted, microseconds.
  public let predictedTotal: Double

  /// Rank correlation (Spearman) over the steps.
  public var rankCorrelation: Double {
    Statistics.spearman(steps.map(\.measuredMicroseconds), steps.map(\.predictedMicroseconds))
  }

  /// Relative error of the total.
  public var totalError: Double { abs(predictedTotal - measuredTotal) / max(measuredTotal, 1e-12) }

  /// Times a network step by step and predicts it.
  public init(
    _ network: Network, model: CostModel, batch: Int, repetitions: Int = 20
  ) throws(PruneError) {
    let timings = try asPruneError { () throws(NetworkError) in
      try InferenceEngine(network).layerTimings(batch: batch, repetitions: repetitions)
    }
    let estimate = model.estimate(network, batch: batch)
    var byNode: [String: LayerEstimate] = [:]
    for layer in estimate.layers { byNode[layer.cost.node] = layer }
    var steps: [Step] = []
    for timing in timings {
      let estimates = timing.nodes.compactMap { byNode[$0] }
      guard estimates.contains(where: { $0.cost.matrix != nil }) else { continue }
      steps.append(
        Step(
          nodes: timing.nodes, measuredMicroseconds: timing.seconds * 1e6,
          predictedMicroseconds: estimates.reduce(0) { $0 + $1.seconds } * 1e6))
    }
    self.steps = steps
    measuredTotal = timings.reduce(0) { $0 + $1.seconds } * 1e6
    predictedTotal = estimate.seconds * 1e6
  }
}
