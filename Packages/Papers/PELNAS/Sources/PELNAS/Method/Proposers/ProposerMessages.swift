/// Asks for new rules of a niche.
public struct KnowledgeRequest: Sendable, Hashable, Codable {
  /// The niche.
  public var niche: Int
  /// Its rule in words.
  public var description: String
  /// Generation, from 1.
  public var generation: Int
  /// Cells of the last round.
  public var lastRound: [EvaluatedCell]
  /// All evaluated cells of the niche.
  public var evaluated: [ScoredCell]
  /// Rules so far.
  public var rules: [Rule]
  /// Seed of this call.
  public var seed: UInt64

  /// A request.
  public init(
    niche: Int, description: String, generation: Int, lastRound: [EvaluatedCell], evaluated: [ScoredCell],
    rules: [Rule], seed: UInt64
  ) {
    self.niche = niche
    self.description = description
    self.generation = generation
    self.lastRound = lastRound
    self.evaluated = evaluated
    self.rules = rules
    self.seed = seed
  }
}

/// New rules.
public struct KnowledgeReply: Sendable, Hashable, Codable {
  /// At most three.
  public var rules: [Rule]
  /// Statements that were no rules.
  public var unusable: Int
  /// Tokens of the call.
  public var tokens: TokenCount
  /// The answer as it came.
  public var raw: String

  /// A reply.
  public init(rules: [Rule], unusable: Int = 0, tokens: TokenCount = TokenCount(), raw: String = "") {
    self.rules = rules
    self.unusable = unusable
    self.tokens = tokens
    self.raw = raw
  }
}

/// Asks for cells of a niche.
public struct ProposalRequest: Sendable, Hashable, Codable {
  /// The partition.
  public var partition: String
  /// The niche.
  public var niche: Int
  /// Its rule in words.
  public var description: String
  /// Generation, from 1.
  public var generation: Int
  /// 0 at first; 1 and 2 when answers could not be used.
  public var attempt: Int
  /// Up to four cells of the archive, spread over the costs.
  public var parents: [ScoredCell]
  /// The niche's nondominated cells.
  public var archive: [ScoredCell]
  /// Active rules, strongest first.
  public var rules: [Rule]
  /// The operator that parents are combined with.
  public var variation: VariationOperator
  /// How many cells are wanted.
  public var count: Int
  /// Why earlier answers could not be used.
  public var rejections: [String]
  /// Seed of this call.
  public var seed: UInt64

  /// A request.
  public init(
    partition: String, niche: Int, description: String, generation: Int, attempt: Int = 0, parents: [ScoredCell] = [],
    archive: [ScoredCell] = [], rules: [Rule] = [], variation: VariationOperator, count: Int, rejections: [String] = [],
    seed: UInt64
  ) {
    self.partition = partition
    self.niche = niche
    self.description = description
    self.generation = generation
    self.attempt = attempt
    self.parents = parents
    self.archive = archive
    self.rules = rules
    self.variation = variation
    self.count = count
    self.rejections = rejections
    self.seed = seed
  }
}

/// One proposed cell.
public struct Proposal: Sendable, Hashable, Codable {
  /// The cell.
  public var cell: Cell
  /// Why, in the proposer's words.
  public var rationale: String

  /// A proposal.
  public init(_ cell: Cell, rationale: String = "") {
    self.cell = cell
    self.rationale = rationale
  }
}

/// Proposed cells.
public struct ProposalReply: Sendable, Hashable, Codable {
  /// What could be read; the search checks niche and novelty.
  public var proposals: [Proposal]
  /// Items that described no cell.
  public var unparsable: Int
  /// Tokens of the call.
  public var tokens: TokenCount
  /// The answer as it came.
  public var raw: String

  /// A reply.
  public init(_ proposals: [Proposal], unparsable: Int = 0, tokens: TokenCount = TokenCount(), raw: String = "") {
    self.proposals = proposals
    self.unparsable = unparsable
    self.tokens = tokens
    self.raw = raw
  }
}
