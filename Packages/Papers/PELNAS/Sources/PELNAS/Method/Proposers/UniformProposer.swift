import TinyTensor

/// Draws cells of the niche, all equally likely: the control that tells whether a model contributes anything.
public struct UniformProposer: Proposer {
  private let partition: Partition

  /// A proposer for the niches of a partition.
  public init(_ partition: Partition) { self.partition = partition }

  public var identity: ProposerIdentity { ProposerIdentity(kind: "uniform") }

  public func updateKnowledge(_ request: KnowledgeRequest) -> KnowledgeReply { KnowledgeReply(rules: []) }

  public func propose(_ request: ProposalRequest) -> ProposalReply {
    var generator = Philox(seed: request.seed, stream: "uniform")
    let automaton = partition.automata[request.niche]
    return ProposalReply(
      (0..<request.count).compactMap { _ in automaton.uniform(using: &generator).map { Proposal($0) } })
  }
}
