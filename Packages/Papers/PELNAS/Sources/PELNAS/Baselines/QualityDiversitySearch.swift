import TinyTensor

/// A two-archive quality-diversity search in the manner of LLMatic: networks are kept as the best of their box of FLOPs × depth, and an
/// archive of prompts (here: operator and number of parents) is drawn from by the curiosity it has earned.
public struct QualityDiversitySearch: Sendable {
  private let task: SearchTask
  private let estimates: SearchEstimates
  private let proposer: any Proposer

  /// A search; the proposer must know the partition ``Partition/none``.
  public init(task: SearchTask, estimates: SearchEstimates, proposer: any Proposer) {
    self.task = task
    self.estimates = estimates
    self.proposer = proposer
  }

  private struct Box: Hashable {
    let work: Int
    let depth: Int
  }

  /// A way to ask, and how often it filled or improved a box.
  private struct Prompt {
    let variation: VariationOperator
    let parents: Int
    var curiosity = 0.0
  }

  /// The evaluated cells in order, at most `budget`.
  public func run(budget: Int, seed: UInt64) async throws -> [Cell] {
    var generator = Philox(seed: seed, stream: "quality-diversity")
    var boxes: [Box: ScoredCell] = [:]
    var prompts = [
      Prompt(variation: .mutation, parents: 1), Prompt(variation: .mutation, parents: 4),
      Prompt(variation: .crossover, parents: 2), Prompt(variation: .crossover, parents: 4),
    ]
    var seen = Set<Cell>()
    var evaluated: [Cell] = []
    let heaviest = Double(CellCounts(Cell([CellOperation](repeating: .conv3x3, count: 6))).benchmarkFLOPs)
    func add(_ cell: Cell) -> Bool {
      evaluated.append(cell)
      let scored = ScoredCell(cell, cost: task.costs[cell.code], accuracy: estimates.accuracies[cell.code])
      let box = Box(work: Int(9.99 * Double(CellCounts(cell).benchmarkFLOPs) / heaviest), depth: cell.depth)
      if let old = boxes[box], old.accuracy >= scored.accuracy { return false }
      boxes[box] = scored
      return true
    }
    for index in generator.sample(min(budget / 6, task.usable.count), of: task.usable.count) {
      seen.insert(task.usable[index])
      _ = add(task.usable[index])
    }
    var call: UInt64 = 0
    var idle = 0
    while evaluated.count < budget, idle < 50 {
      call += 1
      let choice = generator.pick(prompts.map { 0.5 + max(0, $0.curiosity) })
      let elites = boxes.values.sorted { $0.cell < $1.cell }
      let parents = generator.sample(prompts[choice].parents, of: elites.count).map { elites[$0] }
      let reply = try await proposer.propose(
        ProposalRequest(
          partition: Partition.none.name, niche: 0, description: Partition.none.descriptions[0],
          generation: Int(call), attempt: 0, parents: parents, archive: parents, rules: [],
          variation: prompts[choice].variation, count: min(5, budget - evaluated.count), rejections: [],
          seed: generator.next() >> 11))
      let fresh = reply.proposals.map(\.cell).filter { task.isUsable($0) && seen.insert($0).inserted }
      let filled = fresh.prefix(budget - evaluated.count).count { add($0) }
      prompts[choice].curiosity += filled > 0 ? 1 : -0.5
      idle = fresh.isEmpty ? idle + 1 : 0
    }
    return evaluated
  }
}
