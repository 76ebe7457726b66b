import FileKit
import Foundation
import JSONC

/// What a search found and how.
public struct SearchReport: Sendable, Codable, Hashable {
  /// Version of the format.
  public var schema = 1
  /// Data set, device and the split that was looked at.
  public let task: String
  /// How the costs came about.
  public let costEvidence: Evidence
  /// What the search believed of accuracies.
  public let estimator: String
  /// How the estimates came about.
  public let estimatorEvidence: Evidence
  /// Trained accuracies that the estimator cost.
  public let labelCost: Int
  /// Who proposed.
  public let proposer: ProposerIdentity
  /// Name of the partition.
  public let partition: String
  /// The rule of each niche.
  public let niches: [String]
  /// Settings.
  public let configuration: SearchConfiguration
  /// Every evaluated cell, in order.
  public let evaluated: [EvaluatedCell]
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

  init(state: SearchState, task: SearchTask, partition: Partition, estimates: SearchEstimates) {
    self.task = task.name
    costEvidence = task.costEvidence
    estimator = estimates.name
    estimatorEvidence = estimates.evidence
    labelCost = estimates.labelCost
    proposer = state.proposer
    self.partition = partition.name
    niches = partition.descriptions
    configuration = state.configuration
    evaluated = state.evaluated
    rules = state.rules
    counters = state.counters
    front = state.evaluated.map(\.scored).front()
    rescored = task.score(front.map(\.cell))
    quality = task.quality(of: front.map(\.cell))
    qualityOfEvaluated = task.quality(of: state.evaluated.map(\.cell))
  }

  /// Cells that count as evaluations.
  public var evaluations: Int { evaluated.count }

  /// How evenly the niches were visited: entropy of the niche histogram over the logarithm of the number of niches.
  public var nicheEntropy: Double { NicheHistogram.entropy(evaluated.map(\.niche), niches: niches.count) }

  /// SHA-256 of the whole report: equal for an uninterrupted, a resumed and a replayed search (but for the word "replayed").
  public func fingerprint() throws -> String {
    SHA256.hexDigest(of: try JSON.encode(self))
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
