import LogicFlowVerify
import ReproductionKit
import TinyTensor

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
    let network = leaves.tree.network
    let score = FlowScore(leaves.tree)
    let paths = Array(leaves.constant.prefix(limit))
    // In the paper's mode a reduction is a plain infeasible subset; its proof covers the set before annealing only.
    let reducer = LiteralReducer(network, budget: mode == .paper ? 1 : 24, restarts: mode == .paper ? 0 : 2, seed: seed)
    let reduced = [[Flow]](unsafeUninitializedCapacity: paths.count) { buffer, initialized in
      let slots = buffer
      slots.initialize(repeating: [])
      parallelFor(paths.count) { index in
        let path = leaves.tree.paths[paths[index]]
        let literals = path.pattern.literals(network)
        slots[index] = reducer.reduce(literals, outcome: path.outcomes[0]).map {
          Flow(region: Region(literals: $0.literals), outcome: path.outcomes[0], certificate: $0.certificate)
        }
      }
      initialized = paths.count
    }
    progress.report(1, "\(paths.count) constant paths reduced")
    var flows: [Flow] = []
    for var flow in reduced.joined() {
      if mode == .paper {
        flow.region.literals = Annealing(score, leaves.tree, seed: seed).compress(
          flow.region.literals, outcome: flow.outcome)
        flow.certificate = nil
      }
      guard !flow.region.literals.isEmpty, !flows.contains(where: { $0.region == flow.region }) else { continue }
      flow.visits = score.visits(flow.region.literals)
      flows.append(flow)
    }
    let keyed = flows.map { (flow: $0, score: score.score($0.region.literals, outcome: $0.outcome)) }
    return keyed.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(
      \.element.flow)
  }
}
