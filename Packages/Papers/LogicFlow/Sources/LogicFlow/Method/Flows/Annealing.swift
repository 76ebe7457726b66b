import Foundation
import LogicFlowVerify
import TinyTensor

/// The authors' compression: simulated annealing over the implied literals of a set, driven by sample counts alone
/// (specification 2.4, step 3). Nothing re-proves what comes out.
struct Annealing {
  private let score: FlowScore
  private let tree: PathTree
  private let seed: UInt64

  init(_ score: FlowScore, _ tree: PathTree, seed: UInt64) {
    self.score = score
    self.tree = tree
    self.seed = seed
  }

  /// The best set seen.
  func compress(_ literals: [Literal], outcome: Int) -> [Literal] {
    let implied = literals.filter { isImplied($0, in: literals) }
    guard !implied.isEmpty else { return literals }
    let fixed = literals.filter { !implied.contains($0) }
    var random = Philox(seed: seed, stream: "logicflow.anneal.\(literals.count).\(outcome)")
    var keep = [Bool](repeating: true, count: implied.count)
    func set(_ keep: [Bool]) -> [Literal] { (fixed + zip(implied, keep).filter(\.1).map(\.0)).sorted() }
    var current = score.score(literals, outcome: outcome)
    var best = (literals: literals, score: current)
    var temperature = 1e7
    var idle = 0
    for _ in 0..<1000 where idle < 100 {
      let bit = random.next(below: keep.count)
      keep[bit].toggle()
      let candidate = score.score(set(keep), outcome: outcome)
      let accepts =
        candidate >= current || exp(-Double(current - candidate) / temperature) > Double(random.uniform())
      if accepts {
        current = candidate
        idle = 0
        if candidate > best.score { best = (set(keep), candidate) }
      } else {
        keep[bit].toggle()
        idle += 1
      }
      temperature *= 0.9
    }
    return best.literals
  }

  /// Whether no sample takes the other side of the decision after the literals before it, and that side is proved to be empty.
  private func isImplied(_ literal: Literal, in literals: [Literal]) -> Bool {
    var sibling = literal
    sibling.positive.toggle()
    let side = literals.filter { $0 < literal } + [sibling]
    guard !tree.paths.contains(where: { score.isCompatible($0, side) }) else { return false }
    // A region in which two different classes are both proved contains no input.
    let prover = Prover(tree.network, budget: 1)
    return (0..<2).allSatisfy { prover.decide(Region(literals: side), outcome: $0).isProved }
  }
}
