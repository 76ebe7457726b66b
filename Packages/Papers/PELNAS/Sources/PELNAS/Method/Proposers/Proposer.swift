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
