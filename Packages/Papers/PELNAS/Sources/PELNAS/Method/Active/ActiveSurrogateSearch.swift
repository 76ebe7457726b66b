import Foundation
import TinyTensor

/// Search by active learning, beyond the paper (specification 10.1): label a few cells of every niche, fit the predictor, label what it puts
/// on its first fronts, refit.
///
/// ```swift
/// let search = ActiveSurrogateSearch(features: features, partition: .conv3x3)
/// let labelled = try search.run(task, budget: 150, seed: 1)
/// task.quality(of: labelled).hvFront
/// ```
public struct ActiveSurrogateSearch: Sendable {
  /// Settings of the search.
  public struct Configuration: Sendable, Hashable, Codable {
    /// Labels before the first fit, the same number in every niche.
    public var initialLabels = 48
    /// Labels between fits.
    public var labelsPerRound = 25
    /// κ: the ensemble's spread counts this often on top of its mean; 0 trusts the mean.
    public var exploration = 0.0
    /// Trees of each of the five members.
    public var trees = 100

    /// The defaults of the specification.
    public init() {}
  }

  private let features: PredictorFeatures
  private let partition: Partition
  private let configuration: Configuration
  private let nominate: (@Sendable (_ labelled: [ScoredCell], _ round: Int) -> [Cell])?

  /// A search.
  ///
  /// - Parameters:
  ///   - features: proxies and the canonical word of the data set.
  ///   - nominate: a proposer's hook: cells that are labelled before the predicted fronts, at most a fifth of a round.
  public init(
    features: PredictorFeatures, partition: Partition = .conv3x3, configuration: Configuration = Configuration(),
    nominate: (@Sendable (_ labelled: [ScoredCell], _ round: Int) -> [Cell])? = nil
  ) {
    self.features = features
    self.partition = partition
    self.configuration = configuration
    self.nominate = nominate
  }

  /// The labelled cells, in order.
  ///
  /// - Parameter budget: labels in all.
  public func run(_ task: SearchTask, budget: Int, seed: UInt64) throws(PELNASError) -> [Cell] {
    try require(configuration.labelsPerRound > 0, "labels per round", configuration.labelsPerRound, "at least 1")
    var labelled = PartitionedRandomSearch(partition).run(
      task, .truth(task), budget: min(configuration.initialLabels, budget), seed: seed)
    var known = Set(labelled)
    var round = 0
    while labelled.count < min(budget, task.usable.count) {
      let wanted = min(configuration.labelsPerRound, budget - labelled.count)
      var batch: [Cell] = []
      if let nominate {
        let scored = labelled.map { truth($0, task) }
        batch = nominate(scored, round).filter { task.isUsable($0) && known.insert($0).inserted }
        batch = Array(batch.prefix(wanted / 5))
      }
      var parameters = BoostedTrees.Parameters()
      parameters.trees = configuration.trees
      let predictor = try AccuracyPredictor.fit(
        features, cells: labelled, accuracies: labelled.map { task.searchAccuracies[$0.code] },
        seed: seed &* 100 &+ UInt64(round), parameters: parameters)
      let estimate = try predictor.estimate(features)
      batch += peel(task, estimate, known: known, count: wanted - batch.count)
      known.formUnion(batch)
      labelled += batch
      round += 1
    }
    return labelled
  }

  private func truth(_ cell: Cell, _ task: SearchTask) -> ScoredCell {
    ScoredCell(cell, cost: task.costs[cell.code], accuracy: task.searchAccuracies[cell.code])
  }

  /// Unlabelled cells of the first predicted front, then of the front without these, and so on; a front that does not fit whole is
  /// thinned evenly along the cost.
  private func peel(
    _ task: SearchTask, _ estimate: (mean: [Double], spread: [Double]), known: Set<Cell>, count: Int
  ) -> [Cell] {
    var rest = task.usable.filter { !known.contains($0) }.map {
      ScoredCell(
        $0, cost: task.costs[$0.code],
        accuracy: estimate.mean[$0.code] + configuration.exploration * estimate.spread[$0.code])
    }
    var chosen: [Cell] = []
    while chosen.count < count, !rest.isEmpty {
      let front = rest.front()
      let free = count - chosen.count
      if front.count <= free {
        chosen += front.map(\.cell)
      } else {
        chosen += (0..<free).map { front[($0 * (front.count - 1)) / max(1, free - 1)].cell }
      }
      let taken = Set(front.map(\.cell))
      rest.removeAll { taken.contains($0.cell) }
    }
    return Array(Set(chosen)).sorted()
  }
}
