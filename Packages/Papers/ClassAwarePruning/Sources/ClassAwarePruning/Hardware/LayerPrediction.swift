import ReproductionKit
import VisionModels

/// Predicted beside measured time of every fused step of some networks (claim F7).
public struct LayerPrediction: Sendable, Hashable, Codable {
  /// One step of the inference engine.
  public struct Step: Sendable, Hashable, Codable {
    /// Name of the network, as given.
    public let network: String
    /// The layer that names the step.
    public let layer: String
    /// Measured, microseconds (fastest of the repetitions).
    public let measured: Double
    /// Predicted by the additive model, microseconds.
    public let predicted: Double
    /// Predicted by the roofline, microseconds.
    public let roofline: Double
  }

  /// Images per pass.
  public let batch: Int
  /// All steps in order, network after network.
  public let steps: [Step]

  /// Times networks step by step, on the caller's number of threads, and predicts every step.
  /// - Throws: ``PruneError/network(_:)``.
  public init(
    _ networks: [(name: String, network: Network)], batch: Int, calibration: MachineCalibration, repetitions: Int = 20
  ) throws(PruneError) {
    var steps: [Step] = []
    for (name, network) in networks {
      let timings = try asPruneError { () throws(NetworkError) in
        try InferenceEngine(network).layerTimings(batch: batch, repetitions: repetitions)
      }
      let costs = network.cost()
      for timing in timings {
        // A step is predicted by its main layer; what the engine fuses into it (norm, sum, activation) is in the fit.
        let layers = timing.nodes.compactMap { costs[$0] }
        guard let main = layers.first(where: { $0.matrix != nil }) ?? layers.first else { continue }
        steps.append(
          Step(
            network: name, layer: main.node, measured: timing.seconds * 1e6,
            predicted: calibration.layerTimes.seconds(main, batch: batch) * 1e6,
            roofline: calibration.roofline.estimate(main, batch: batch).seconds * 1e6))
      }
    }
    self.batch = batch
    self.steps = steps
  }

  /// Names of the networks in order.
  public var networks: [String] {
    steps.reduce(into: []) { names, step in if names.last != step.network { names.append(step.network) } }
  }

  /// Rank correlation (Spearman) of a prediction with the measurement, over the steps of one network or of all.
  public func rankCorrelation(_ prediction: KeyPath<Step, Double> = \.predicted, network: String? = nil) -> Double {
    let chosen = steps.filter { network == nil || $0.network == network }
    return Statistics.spearman(chosen.map(\.measured), chosen.map { $0[keyPath: prediction] })
  }

  /// Relative error of a prediction of one network's total.
  public func totalError(_ prediction: KeyPath<Step, Double> = \.predicted, network: String) -> Double {
    let chosen = steps.filter { $0.network == network }
    let measured = chosen.reduce(0) { $0 + $1.measured }
    return abs(chosen.reduce(0) { $0 + $1[keyPath: prediction] } - measured) / max(measured, 1e-12)
  }
}
