/// A cell that the search scored, with where it came from.
public struct EvaluatedCell: Sendable, Hashable, Codable {
  /// Where a cell came from.
  public enum Source: String, Sendable, Hashable, Codable {
    /// Drawn at random before the first generation.
    case initial
    /// Written by the proposer.
    case proposer
    /// A random neighbour inside the niche, because the proposer's answers could not be used; never credited to the proposer.
    case fallback
  }

  /// The cell.
  public let cell: Cell
  /// Its niche.
  public let niche: Int
  /// Generation, 0 for the initial cells.
  public let generation: Int
  /// Where it came from.
  public let source: Source
  /// Estimated accuracy in percent.
  public let accuracy: Double
  /// Cost, for tabulated devices the latency in ms.
  public let cost: Double
  /// The proposer's reason.
  public let rationale: String

  /// The cell with both objectives.
  public var scored: ScoredCell { ScoredCell(cell, cost: cost, accuracy: accuracy) }
}
