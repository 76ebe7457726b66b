import LogicFlowVerify
import ReproductionKit

/// How flows are found.
public enum FlowMode: String, Codable, Sendable, Hashable, CaseIterable {
  /// Every flow carries a proof.
  case certified
  /// The authors' way: annealed literal sets that only sample counts support.
  case paper
}

/// Makes candidate flows out of constant leaves (specification 2.4, steps 1 to 3).
public struct FlowFinder: Sendable {
  /// Proofs or counts.
  public var mode: FlowMode
  /// Most visited constant paths that are reduced.
  public var limit: Int
  /// Randomness of orders and annealing.
  public var seed: UInt64

  /// Creates a finder.
  public init(mode: FlowMode = .certified, limit: Int = 24, seed: UInt64 = 0) {
    self.mode = mode
    self.limit = limit
    self.seed = seed
  }

  /// Candidate flows, best score first, equal literal sets merged.
  public func flows(_ leaves: LeafVerdicts, progress: ProgressReporter = .silent) -> [Flow] {
    ranked(candidates(leaves, progress: progress), on: leaves.tree)
  }

  /// Irreducible literal sets of the most visited constant paths, each with its proof.
  public func candidates(_ leaves: LeafVerdicts, progress: ProgressReporter = .silent) -> FlowCandidates {
    let network = leaves.tree.network
    let paths = Array(leaves.constant.prefix(limit))
    // In the paper's mode a reduction is a plain infeasible subset; its proof covers the set before annealing only.
    let reducer = LiteralReducer(
      leaves.tree, budget: mode == .paper ? 1 : 24, restarts: mode == .paper ? 0 : 2, seed: seed)
    let reduced = parallelMap(paths.count) { index in
      let path = leaves.tree.paths[paths[index]]
      return reducer.reduce(path.pattern.literals(network), outcome: path.outcomes[0]).map {
        Flow(region: Region(literals: $0.literals), outcome: path.outcomes[0], certificate: $0.certificate)
      }
    }
    progress.report(1, "\(paths.count) constant paths reduced")
    var flows: [Flow] = []
    for flow in reduced.joined() where !flow.region.literals.isEmpty {
      if !flows.contains(where: { $0.region == flow.region }) { flows.append(flow) }
    }
    let annealing = Annealing(leaves.tree, seed: seed)
    return FlowCandidates(
      flows: flows, implied: mode == .paper ? flows.map { annealing.implied($0.region.literals) } : nil)
  }

  /// The candidates as the paths of `tree` see them: annealed in the paper's mode, visits counted, best score first.
  public func ranked(_ candidates: FlowCandidates, on tree: PathTree) -> [Flow] {
    let score = FlowScore(tree)
    let annealing = Annealing(tree, seed: seed)
    var flows: [(flow: Flow, score: Int)] = []
    for (index, candidate) in candidates.flows.enumerated() {
      var flow = candidate
      if let implied = candidates.implied {
        flow.region.literals = annealing.compress(flow.region.literals, implied: implied[index], outcome: flow.outcome)
        flow.certificate = nil
      }
      guard !flow.region.literals.isEmpty, !flows.contains(where: { $0.flow.region == flow.region }) else { continue }
      flow.visits = score.visits(flow.region.literals)
      flows.append((flow, score.score(flow.region.literals, outcome: flow.outcome)))
    }
    return flows.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(
      \.element.flow)
  }
}

/// Flows before they are ranked on paths.
public struct FlowCandidates: Sendable {
  /// Irreducible sets with their proofs.
  public let flows: [Flow]
  /// In the paper's mode, the literals of each set that annealing may drop.
  let implied: [[Literal]]?
}
