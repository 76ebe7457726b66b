import Foundation

/// A design rule: readable, and re-tested on the niche's evaluated cells after every generation (specification 2.5).
public struct Rule: Sendable, Hashable, Codable {
  /// Whether cells that satisfy the rule are wanted.
  public enum Polarity: String, Sendable, Hashable, Codable { case prefer, avoid }
  /// What the rule claims to improve.
  public enum Goal: String, Sendable, Hashable, Codable { case accuracy, latency }
  /// What the evidence says.
  public enum Status: String, Sendable, Hashable, Codable {
    /// Confirmed: p < 0.1 with at least four cells on either side.
    case active
    /// Not decided.
    case weak
    /// The opposite is confirmed.
    case refuted
  }

  /// Name within a run.
  public var id: String
  /// Wanted or unwanted.
  public var polarity: Polarity
  /// What it improves.
  public var goal: Goal
  /// The niche it was stated for.
  public var niche: Int
  /// At most two conditions that must both hold.
  public var conditions: [RuleAtom]
  /// The rule in words.
  public var text: String
  /// Who stated it: a proposer's kind, or `mined`.
  public var source: String
  /// What the evaluated cells say.
  public var evidence: RuleEvidence?
  /// Generation in which it was stated.
  public var born: Int
  /// Last generation in which a prompt carried it.
  public var lastUsed: Int?
  /// The verdict of the evidence.
  public var status: Status

  private enum CodingKeys: String, CodingKey {
    case id, polarity, goal, niche
    case conditions = "if"
    case text, source, evidence, born, lastUsed, status
  }

  /// A rule without evidence.
  public init(
    id: String, polarity: Polarity, goal: Goal, niche: Int, conditions: [RuleAtom], text: String, source: String,
    born: Int
  ) {
    self.id = id
    self.polarity = polarity
    self.goal = goal
    self.niche = niche
    self.conditions = conditions
    self.text = text
    self.source = source
    self.born = born
    status = .weak
  }

  /// Whether a cell satisfies all conditions.
  public func holds(for cell: Cell) -> Bool { conditions.allSatisfy { $0.holds(for: cell) } }

  /// Tests the rule on evaluated cells of its niche.
  public mutating func test(on cells: [ScoredCell], seed: UInt64) {
    let found = RuleEvidence(of: conditions, goal: goal, on: cells, seed: seed, name: id)
    evidence = found
    let wanted = polarity == .prefer
    let isBetter = goal == .accuracy ? found.rankEffect > 0 : found.deltaLatency < 0
    guard found.p < 0.1, found.support >= 4, cells.count - found.support >= 4 else {
      status = .weak
      return
    }
    status = isBetter == wanted ? .active : .refuted
  }

  /// How much an active rule counts: −log₁₀ p, at most 3.
  public var strength: Double {
    guard status == .active, let evidence else { return 0 }
    return min(3, -log10(max(evidence.p, 1e-3)))
  }
}
