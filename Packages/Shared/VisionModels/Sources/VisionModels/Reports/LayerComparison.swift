/// Measured against predicted time of every fused step of the engine: which limit each layer hits, and how good the cost
/// model is.
public struct LayerComparison: Sendable, Hashable, Codable {
  /// One fused step.
  public struct Row: Sendable, Hashable, Codable {
    /// Nodes computed together; the first names the step.
    public let nodes: [String]
    /// Best measured wall time for the batch, seconds.
    public let measured: Double
    /// Predicted time for the batch, seconds.
    public let predicted: Double
    /// What bounds the prediction.
    public let limit: LayerEstimate.Limit
    /// Achieved arithmetic rate, GFLOP/s.
    public let gigaflops: Double
    /// Operations per byte moved.
    public let intensity: Double
  }

  /// Images per pass.
  public let batch: Int
  /// One entry per fused step, in order of execution.
  public let rows: [Row]

  /// Measured time of the whole network, seconds.
  public var measured: Double { rows.reduce(0) { $0 + $1.measured } }
  /// Predicted time of the whole network, seconds.
  public var predicted: Double { rows.reduce(0) { $0 + $1.predicted } }
  /// Spearman's rank correlation between measured and predicted times, −1…1.
  public var rankCorrelation: Double {
    let (a, b) = (Self.ranks(rows.map(\.measured)), Self.ranks(rows.map(\.predicted)))
    let mean = Double(rows.count - 1) / 2
    let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    let spread = (Self.spread(a, mean) * Self.spread(b, mean)).squareRoot()
    return spread > 0 ? covariance / spread : 0
  }

  /// Measures the network with the engine and predicts it with the model.
  public init(
    _ network: Network, model: CostModel, batch: Int = 1, repetitions: Int = 20
  ) throws(NetworkError) {
    let estimates = Dictionary(
      model.estimate(network, batch: batch).layers.map { ($0.cost.node, $0) }, uniquingKeysWith: { first, _ in first })
    self.batch = batch
    rows = try InferenceEngine(network).layerTimings(batch: batch, repetitions: repetitions).map { timing in
      let parts = timing.nodes.compactMap { estimates[$0] }
      let main = parts.max { $0.seconds < $1.seconds }
      return Row(
        nodes: timing.nodes, measured: timing.seconds, predicted: parts.reduce(0) { $0 + $1.seconds },
        limit: main?.limit ?? .fused, gigaflops: timing.gigaflops, intensity: main?.intensity ?? 0)
    }
  }

  /// Ranks from 0; equal values share the mean of their ranks.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var result = Array(repeating: 0.0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for position in start...end { result[order[position]] = Double(start + end) / 2 }
      start = end + 1
    }
    return result
  }

  private static func spread(_ ranks: [Double], _ mean: Double) -> Double {
    ranks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
}
