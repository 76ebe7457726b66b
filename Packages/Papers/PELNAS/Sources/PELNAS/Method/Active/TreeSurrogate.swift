/// The predictor of the paper's loop as a surrogate: boosted trees on proxies and the canonical word (specification 10.1).
public struct TreeSurrogate: AccuracySurrogate {
  public let name = "boosted trees"
  private let features: PredictorFeatures
  private let trees: Int

  /// A surrogate on the features of a data set.
  ///
  /// - Parameter trees: trees of each of the five members.
  public init(_ features: PredictorFeatures, trees: Int = 100) {
    self.features = features
    self.trees = trees
  }

  public func estimate(
    _ cells: [Cell], from labelled: [ScoredCell], seed: UInt64
  ) throws(PELNASError) -> (mean: [Double], deviation: [Double]) {
    var parameters = BoostedTrees.Parameters()
    parameters.trees = trees
    let predictor = try AccuracyPredictor.fit(
      features, cells: labelled.map(\.cell), accuracies: labelled.map(\.accuracy), seed: seed, parameters: parameters)
    let estimate = try predictor.estimate(features)
    return (cells.map { estimate.mean[$0.code] }, cells.map { estimate.spread[$0.code] })
  }
}
