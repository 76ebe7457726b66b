/// Why pruning ended.
public enum StopReason: Sendable, Hashable, Codable, CustomStringConvertible {
  /// No filter is left that the rule would remove (the paper's stop).
  case nothingLeft
  /// The wanted reduction is reached.
  case target
  /// The accuracy fell too far; the last round was rolled back.
  case accuracy(measured: Double, floor: Double)
  /// A class fell below its contract; the last round was rolled back.
  case classFloor(name: String, measured: Double, floor: Double)
  /// The wanted number of rounds is done.
  case rounds
  /// The caller stopped it.
  case cancelled
  /// Training diverged; the last round was rolled back.
  case diverged

  public var description: String {
    switch self {
    case .nothingLeft: "no filter is left that the rule would remove"
    case .target: "the target is reached"
    case .accuracy(let measured, let floor):
      "validation accuracy \(Self.percent(measured)) fell below \(Self.percent(floor)); the last round was rolled back"
    case .classFloor(let name, let measured, let floor):
      "class \(name) fell to \(Self.percent(measured)), its floor is \(Self.percent(floor)); the last round was rolled back"
    case .rounds: "the wanted number of rounds is done"
    case .cancelled: "interrupted"
    case .diverged: "training diverged; the last round was rolled back"
    }
  }

  private static func percent(_ value: Double) -> String { "\((value * 10_000).rounded() / 100) %" }
}

/// Accuracy on the validation split.
public struct SplitAccuracy: Sendable, Hashable, Codable {
  /// Share of correct images, 0…1.
  public let accuracy: Double
  /// The same per class.
  public let perClass: [Double]
}

/// What one round did.
public struct PruneRound: Sendable, Hashable, Codable {
  /// Number of the round, from 0.
  public let index: Int
  /// Scores of the prunable filters before the removal: the mean, and how many are below the threshold.
  public let meanScore: Double
  /// Prunable units before the removal.
  public let prunable: Int
  /// Of those, how many the threshold would let go; nil without a threshold.
  public let belowThreshold: Int?
  /// Histogram of the prunable scores: 20 equal bins from 0 to N (or to the largest score).
  public let histogram: [Int]
  /// Units removed.
  public let removed: Int
  /// Size after the removal.
  public let counts: NetworkCounts
  /// Filters of every prunable layer after the removal.
  public let widths: [String: Int]
  /// Proof that removing equals silencing.
  public let certificate: ExactnessCertificate
  /// Validation accuracy right after the removal, before retraining.
  public let accuracyBeforeRetraining: Double
  /// Validation accuracy after retraining.
  public let validation: SplitAccuracy
  /// Whether the round was taken back.
  public let isRolledBack: Bool
}

/// What a whole run did.
public struct PruneReport: Sendable, Hashable, Codable {
  /// Why it ended.
  public var stop: StopReason
  /// Size before anything.
  public let before: NetworkCounts
  /// Size at the end.
  public var after: NetworkCounts
  /// Validation accuracy of the network as given.
  public let start: SplitAccuracy
  /// Validation accuracy after the first training with the modified cost, where pruning starts.
  public var prepared: SplitAccuracy
  /// Validation accuracy at the end.
  public var end: SplitAccuracy
  /// The rounds, rolled-back ones included.
  public var rounds: [PruneRound]
  /// Lowest score of the prunable filters when nothing was left to remove.
  public var lowestRemainingScore: Float?
  /// Mean score of the remaining prunable filters at the end.
  public var finalMeanScore: Double?

  /// Share of multiply-accumulates that is gone, 0…1.
  public var macsReduction: Double { 1 - Double(after.macs) / Double(max(1, before.macs)) }
  /// Share of parameters that is gone, 0…1.
  public var parameterReduction: Double { 1 - Double(after.parameters) / Double(max(1, before.parameters)) }
}

/// A caller's wish after a round.
public enum PruneControl: Sendable {
  /// Go on.
  case `continue`
  /// Finish here.
  case stop
}
