/// Who writes rules and proposes cells. Every result names its proposer (specification 2.7).
public protocol Proposer: Sendable {
  /// What kind of proposer this is and which model it asks.
  var identity: ProposerIdentity { get }
  /// Stage 1: states new design rules after a round.
  func updateKnowledge(_ request: KnowledgeRequest) async throws -> KnowledgeReply
  /// Stage 2: proposes cells of a niche.
  func propose(_ request: ProposalRequest) async throws -> ProposalReply
}

/// Name and model of a proposer, for reports.
public struct ProposerIdentity: Sendable, Hashable, Codable {
  /// `uniform`, `knowledge`, `local`, `openai`, …
  public var kind: String
  /// The model that answers, if any.
  public var model: String?
  /// Fingerprint of its weights.
  public var fingerprint: String?
  /// Sampling temperature.
  public var temperature: Double?
  /// Whether the answers come from a recording.
  public var isReplayed: Bool

  /// An identity.
  public init(
    kind: String, model: String? = nil, fingerprint: String? = nil, temperature: Double? = nil, isReplayed: Bool = false
  ) {
    self.kind = kind
    self.model = model
    self.fingerprint = fingerprint
    self.temperature = temperature
    self.isReplayed = isReplayed
  }

  /// One phrase, such as `local SmolLM2 at temperature 1 (replayed)`.
  public var text: String {
    [kind, model, temperature.map { "at temperature \($0)" }, isReplayed ? "(replayed)" : nil].compactMap { $0 }
      .joined(separator: " ")
  }
}

/// Tokens that a model read and wrote.
public struct TokenCount: Sendable, Hashable, Codable {
  /// Tokens of prompts.
  public var read = 0
  /// Tokens of answers.
  public var written = 0

  /// No tokens.
  public init() {}
}

/// How parents become a child.
public enum VariationOperator: String, Sendable, Hashable, Codable {
  /// Two parents, edge by edge.
  case crossover
  /// One or two edges of a parent.
  case mutation
}

/// Asks for new rules of a niche.
public struct KnowledgeRequest: Sendable, Hashable, Codable {
  /// The niche and its rule in words.
  public var niche: Int
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
  /// The partition, the niche and its rule in words.
  public var partition: String
  public var niche: Int
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
