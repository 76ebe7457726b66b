/// Settings of the co-evolution loop (specification 2.4).
public struct SearchConfiguration: Sendable, Hashable, Codable {
  /// Generations, ten in the paper.
  public var generations = 10
  /// Random cells of each niche before the first generation.
  public var initialPerNiche = 10
  /// Cells asked for in a call.
  public var childrenPerCall = 5
  /// Probability of crossover; mutation otherwise.
  public var crossover = 0.5
  /// How often a call is repeated when answers cannot be used.
  public var retries = 2
  /// Active rules that a prompt carries at most.
  public var promptRules = 6
  /// Seed of everything.
  public var seed: UInt64 = 1

  /// The paper's settings: 120 calls and about 360 cells.
  public init() {}

  /// Checks all ranges.
  func validate() throws(PELNASError) {
    try require((0...1_000).contains(generations), "generations", generations, "0…1000")
    try require((1...1_000).contains(initialPerNiche), "initial cells per niche", initialPerNiche, "1…1000")
    try require((1...100).contains(childrenPerCall), "children per call", childrenPerCall, "1…100")
    try require((0...1).contains(crossover), "crossover", crossover, "0…1")
    try require((0...10).contains(retries), "retries", retries, "0…10")
    try require((0...50).contains(promptRules), "rules per prompt", promptRules, "0…50")
  }
}
