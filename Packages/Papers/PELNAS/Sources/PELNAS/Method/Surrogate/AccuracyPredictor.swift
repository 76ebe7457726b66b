import JSONC
import TinyTensor

/// The predictor of the paper: an ensemble of boosted trees on zero-cost proxies, fitted to a few trained accuracies.
public struct AccuracyPredictor: Sendable, Codable, Hashable {
  /// Trees of five seeds.
  public let members: [BoostedTrees]
  /// Names of the features.
  public let features: [String]
  /// Number of trained accuracies that were paid for.
  public let labelCost: Int
  /// What a reader must know, such as too few labels.
  public let warnings: [String]

  /// Size of the ensemble.
  public static let ensembleSize = 5

  /// Fits an ensemble to labelled cells.
  public static func fit(
    _ features: PredictorFeatures, cells: [Cell], accuracies: [Double], seed: UInt64,
    parameters: BoostedTrees.Parameters = .init()
  ) throws(PELNASError) -> AccuracyPredictor {
    let rows = features.matrix.selecting(cells.map(\.code))
    let labels = accuracies.map(Float.init)
    let outcomes = OutcomeList<BoostedTrees>(count: ensembleSize)
    parallelFor(ensembleSize) { member in
      var settings = parameters
      settings.seed = seed &* 1_000 &+ UInt64(member)
      outcomes.set(
        member,
        Result { () throws(PELNASError) -> BoostedTrees in try BoostedTrees.fit(rows, labels, settings) })
    }
    let members = try outcomes.values()
    let warnings =
      members.contains(where: \.isConstant)
      ? ["\(labels.count) labels are too few or all equal: every estimate is their mean"] : []
    return AccuracyPredictor(
      members: members, features: features.names, labelCost: cells.count, warnings: warnings)
  }

  /// Estimates by cell code: the mean of the ensemble and its standard deviation, in percent.
  public func estimate(_ features: PredictorFeatures) throws(PELNASError) -> (mean: [Double], spread: [Double]) {
    guard features.names == self.features else {
      throw .badFile(
        path: "predictor",
        problem:
          "it was fitted on \(self.features.count) other features (\(self.features.prefix(3).joined(separator: ", "))…)"
      )
    }
    let predictions = members.map { $0.predict(features.matrix) }
    var mean = [Double](repeating: 0, count: features.matrix.rows)
    var spread = mean
    for row in mean.indices {
      let values = predictions.map { Double($0[row]) }
      let average = values.reduce(0, +) / Double(values.count)
      mean[row] = average
      spread[row] = (values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(values.count)).squareRoot()
    }
    return (mean, spread)
  }

  /// Random usable cells whose trained accuracy is paid for.
  public static func randomLabels(_ task: SearchTask, count: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "labels")
    return generator.sample(min(count, task.usable.count), of: task.usable.count).map { task.usable[$0] }
  }

  /// Fits to random usable cells of a task.
  public static func fit(
    _ features: PredictorFeatures, _ task: SearchTask, labels: Int, seed: UInt64
  ) throws(PELNASError) -> AccuracyPredictor {
    let cells = randomLabels(task, count: labels, seed: seed)
    return try fit(features, cells: cells, accuracies: cells.map { task.searchAccuracies[$0.code] }, seed: seed)
  }
}
