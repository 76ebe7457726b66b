import Foundation
import TinyTensor

/// The heuristic proposer, without any model: operators of evolution whose choices lean on the archive and on active rules.
///
/// An edge draws its operation with `p(op) ∝ (count in the archive + ½)·exp(λ·rule score)`, within the niche by its automaton.
public struct KnowledgeProposer: Proposer {
  private let partition: Partition
  /// λ, the trust in rules; 0 ignores them.
  private let trust: Double

  /// A proposer for the niches of a partition.
  public init(_ partition: Partition, trust: Double = 1) {
    self.partition = partition
    self.trust = trust
  }

  public var identity: ProposerIdentity {
    ProposerIdentity(kind: trust == 0 ? "knowledge without rules" : "knowledge")
  }

  public func updateKnowledge(_ request: KnowledgeRequest) -> KnowledgeReply {
    guard trust > 0 else { return KnowledgeReply(rules: []) }
    return KnowledgeReply(
      rules: RuleMiner.mine(
        request.evaluated, known: request.rules, niche: request.niche, generation: request.generation))
  }

  public func propose(_ request: ProposalRequest) -> ProposalReply {
    var generator = Philox(seed: request.seed, stream: "knowledge")
    let weights = Self.weights(archive: request.archive, rules: request.rules, trust: trust)
    let automaton = partition.automata[request.niche]
    let proposals = (0..<request.count).compactMap { _ -> Proposal? in
      let wish = Self.wish(request, weights, &generator)
      return automaton.draw(using: &generator) { wish[$0][$1] }.map {
        Proposal($0, rationale: request.variation.rawValue)
      }
    }
    return ProposalReply(proposals)
  }

  /// Weight of each operation on each edge.
  static func weights(archive: [ScoredCell], rules: [Rule], trust: Double) -> [[Double]] {
    (0..<Cell.edgeCount).map { edge in
      CellOperation.allCases.map { operation in
        let count = Double(archive.count { $0.cell[edge] == operation })
        let score = rules.reduce(0) { $0 + $1.score(edge: edge, operation: operation) }
        return (count + 0.5) * exp(trust * max(-3, min(3, score)))
      }
    }
  }

  /// Weights of one child: the inherited digit where it stays, the weights above where it changes. The small rest lets the automaton
  /// leave an inherited digit that the niche does not allow.
  private static func wish(_ request: ProposalRequest, _ weights: [[Double]], _ generator: inout Philox) -> [[Double]] {
    guard !request.parents.isEmpty else { return weights }
    let first = request.parents[generator.next(below: request.parents.count)].cell
    let second = request.parents[generator.next(below: request.parents.count)].cell
    let changes = request.variation == .mutation ? 1 + generator.next(below: 2) : 1
    let changed = Set(generator.sample(changes, of: Cell.edgeCount))
    return (0..<Cell.edgeCount).map { edge in
      let isFromSecond = request.variation == .crossover && generator.next(below: 2) == 1
      let inherited = isFromSecond ? second[edge] : first[edge]
      // A crossover of equal parents must change something too.
      let isChanged = changed.contains(edge) && (request.variation == .mutation || first == second)
      return CellOperation.allCases.map { operation in
        if isChanged { return operation == inherited ? 0 : weights[edge][Int(operation.rawValue)] }
        return operation == inherited ? 1 : 1e-3 * weights[edge][Int(operation.rawValue)]
      }
    }
  }
}

extension Rule {
  /// How far the rule speaks for an operation on an edge.
  func score(edge: Int, operation: CellOperation) -> Double {
    let sign = polarity == .prefer ? strength : -strength
    return conditions.reduce(0) { sum, condition in
      switch condition {
      case .edge(edge, operation): sum + sign
      case .count(operation, .atLeast, _): sum + sign / 2
      case .count(operation, .atMost, _): sum - sign / 2
      default: sum
      }
    }
  }
}
