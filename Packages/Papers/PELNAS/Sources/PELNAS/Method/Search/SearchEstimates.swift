/// What a search believes of each cell's accuracy, and what that cost.
public struct SearchEstimates: Sendable {
  /// Name for reports, such as `boosted trees on 100 labels`.
  public let name: String
  /// How the numbers came about.
  public let evidence: Evidence
  /// Accuracy in percent by cell code.
  public let accuracies: [Double]
  /// Trained accuracies that were paid for.
  public let labelCost: Int

  /// Estimates of the whole space.
  public init(name: String, evidence: Evidence, accuracies: [Double], labelCost: Int) {
    precondition(accuracies.count == Cell.spaceSize, "one estimate per cell")
    self.name = name
    self.evidence = evidence
    self.accuracies = accuracies
    self.labelCost = labelCost
  }

  /// The trained accuracies themselves: every evaluated cell is a label.
  public static func truth(_ task: SearchTask) -> SearchEstimates {
    SearchEstimates(
      name: "trained accuracy (\(task.split.rawValue))", evidence: .measured, accuracies: task.searchAccuracies,
      labelCost: 0)
  }

  /// A predictor's estimates.
  public static func predicted(
    _ predictor: AccuracyPredictor, _ features: PredictorFeatures
  ) throws(PELNASError) -> SearchEstimates {
    SearchEstimates(
      name: "boosted trees on \(predictor.labelCost) labels", evidence: .predicted,
      accuracies: try predictor.estimate(features).mean, labelCost: predictor.labelCost)
  }

  /// A single proxy as if it were an accuracy: no labels.
  public static func proxy(_ proxy: Proxy, _ benchmark: Benchmark, _ dataSet: DataSet) -> SearchEstimates {
    SearchEstimates(
      name: "proxy \(proxy.rawValue)", evidence: .predicted,
      accuracies: Cell.all.map { Double(benchmark.proxy(proxy, $0, dataSet) ?? Proxy.notANumber) }, labelCost: 0)
  }
}
