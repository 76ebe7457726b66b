import LogicFlowVerify
import ReproductionKit
import TinyTensor

/// Which leaves of the tree are constant: one class for every input that takes the path (specification 2.3).
public struct LeafVerdicts: Sendable {
  /// The tree.
  public let tree: PathTree
  /// Verdicts of the most visited paths, in the tree's order.
  public let verdicts: [Verdict]

  /// Decides the `limit` most visited paths.
  public init(
    _ tree: PathTree, limit: Int = .max, budget: Int = 200, progress: ProgressReporter = .silent,
    checkCancellation: () throws -> Void = {}
  ) throws {
    self.tree = tree
    let prover = Prover(tree.network, budget: budget)
    let count = min(limit, tree.paths.count)
    var verdicts: [Verdict] = []
    // Chunks, so that a long run can be interrupted.
    for start in stride(from: 0, to: count, by: 64) {
      try checkCancellation()
      let end = min(start + 64, count)
      verdicts += Self.decide(prover, tree, start..<end)
      progress.report(end, of: count, "leaf \(end) of \(count)")
    }
    self.verdicts = verdicts
  }

  private static func decide(_ prover: Prover, _ tree: PathTree, _ range: Range<Int>) -> [Verdict] {
    [Verdict](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let slots = buffer
      slots.initialize(repeating: .undecided(nodes: 0))
      parallelFor(range.count) { offset in
        let path = tree.paths[range.lowerBound + offset]
        // Two classes among the samples of one path refute it without a proof.
        guard path.outcomes.count == 1 else { return }
        slots[offset] = prover.decide(Region(literals: path.pattern.literals(tree.network)), outcome: path.outcomes[0])
      }
      initialized = range.count
    }
  }

  /// Indices of the paths that are proved constant, most visited first.
  public var constant: [Int] { verdicts.indices.filter { verdicts[$0].isProved } }

  /// Share of the samples whose path is proved constant.
  public var constantShare: Double {
    Double(constant.reduce(0) { $0 + tree.paths[$1].visits }) / Double(max(tree.samples, 1))
  }
}
