import FileKit
import Foundation
import JSONC
import ReproductionKit

/// What a search found and how.
public struct SearchReport: Sendable, Codable, Hashable {
  /// Version of the format.
  public var schema = 1
  /// Data set and device.
  public let task: String
  /// The accuracy that the search could look at.
  public let split: AccuracySplit
  /// How the costs came about.
  public let costEvidence: Evidence
  /// What the search believed of accuracies.
  public let estimator: String
  /// How the estimates came about.
  public let estimatorEvidence: Evidence
  /// Trained accuracies that the estimator cost.
  public let labelCost: Int
  /// Who proposed.
  public private(set) var proposer: ProposerIdentity
  /// Name of the partition.
  public let partition: String
  /// The rule of each niche.
  public let niches: [String]
  /// Settings.
  public let configuration: SearchConfiguration
  /// Every evaluated cell, in order.
  public let evaluated: [EvaluatedCell]
  /// Cells of the niches' archives, `[generation][niche]`, the initial cells' first.
  public let archives: [[[Cell]]]
  /// Rules with their evidence, by niche.
  public let rules: [[Rule]]
  /// Calls, tokens and rejections.
  public let counters: SearchCounters
  /// The front by estimated accuracy: what a user would build.
  public let front: [ScoredCell]
  /// The cells of that front with their trained accuracies.
  public let rescored: [ScoredCell]
  /// Quality of all evaluated cells that the estimate puts on the front, scored with the trained accuracy.
  public let quality: FrontQuality
  /// The same measures if every evaluated cell were trained.
  public let qualityOfEvaluated: FrontQuality
  /// Where the time went.
  public var seconds: SearchTimes
  /// The data that the task was made of, where the caller names it.
  public var data: [DataSource] = []

  init(state: SearchState, task: SearchTask, partition: Partition, estimates: SearchEstimates) {
    let start = ContinuousClock.now
    self.task = task.name
    split = task.split
    costEvidence = task.costEvidence
    estimator = estimates.name
    estimatorEvidence = estimates.evidence
    labelCost = estimates.labelCost
    proposer = state.proposer
    self.partition = partition.name
    niches = partition.descriptions
    configuration = state.configuration
    evaluated = state.evaluated
    archives = (0...max(0, state.completedGenerations)).map { generation in
      partition.descriptions.indices.map { niche in
        state.evaluated.filter { $0.niche == niche && $0.generation <= generation }.map(\.scored).front().map(\.cell)
      }
    }
    rules = state.rules
    counters = state.counters
    front = state.evaluated.map(\.scored).front()
    rescored = task.score(front.map(\.cell))
    quality = task.quality(of: front.map(\.cell))
    qualityOfEvaluated = task.quality(of: state.evaluated.map(\.cell))
    seconds = state.seconds
    seconds.indicators = (ContinuousClock.now - start).seconds
  }

  /// Cells that count as evaluations.
  public var evaluations: Int { evaluated.count }

  /// How evenly the niches were visited: entropy of the niche histogram over the logarithm of the number of niches.
  public var nicheEntropy: Double { NicheHistogram.entropy(evaluated.map(\.niche), niches: niches.count) }

  /// How many cells of the front came from a source.
  public func frontCount(from source: EvaluatedCell.Source) -> Int {
    let found = Set(evaluated.filter { $0.source == source }.map(\.cell))
    return front.count { found.contains($0.cell) }
  }

  /// Cells of the front to show: its ends, then those with the most room around them.
  public func examples(_ count: Int) -> [ScoredCell] { ParentSelection.spread(front, count: count) }

  /// SHA-256 of the report but for times, the data's location and the word "replayed": equal for an uninterrupted, a resumed and a
  /// replayed search.
  public func fingerprint() throws -> String {
    var content = self
    content.seconds = SearchTimes()
    content.data = []
    content.proposer.isReplayed = false
    return SHA256.hexDigest(of: try JSON.encode(content))
  }
}

/// Measures of coverage.
public enum NicheHistogram {
  /// Normalised entropy, 0 … 1; 1 for a single niche.
  public static func entropy(_ niches: [Int], niches count: Int) -> Double {
    guard count > 1, !niches.isEmpty else { return 1 }
    var histogram = [Int](repeating: 0, count: count)
    for niche in niches { histogram[niche] += 1 }
    let entropy = histogram.filter { $0 > 0 }.reduce(0.0) { sum, value in
      let share = Double(value) / Double(niches.count)
      return sum - share * log(share)
    }
    return entropy / log(Double(count))
  }
}
