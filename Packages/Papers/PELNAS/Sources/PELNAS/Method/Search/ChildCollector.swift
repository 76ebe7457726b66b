import TinyTensor

/// Sorts a proposer's answers into cells to evaluate and counted rejections, and fills the gaps.
struct ChildCollector {
  private(set) var accepted: [Proposal] = []
  /// Why the last answers could not be used, for the next question.
  private(set) var reasons: [String] = []

  private let task: SearchTask
  private let partition: Partition
  private let niche: Int
  private let wanted: Int
  private var seen: Set<Cell>
  private let usableCount: Int

  init(task: SearchTask, partition: Partition, niche: Int, wanted: Int, evaluated: Set<Cell>) {
    self.task = task
    self.partition = partition
    self.niche = niche
    self.wanted = wanted
    seen = evaluated
    usableCount = task.usable.count { partition.niche(of: $0) == niche }
  }

  /// Cells still wanted.
  var missing: Int { wanted - accepted.count }
  /// Whether every usable cell of the niche has been seen.
  var isExhausted: Bool { seen.count >= usableCount }

  /// Takes what can be used.
  mutating func accept(_ reply: ProposalReply, _ counters: inout SearchCounters) {
    reasons = []
    counters.unparsable += reply.unparsable
    if reply.unparsable > 0 { reasons.append("\(reply.unparsable) described no cell") }
    for proposal in reply.proposals where missing > 0 {
      let cell = proposal.cell
      if partition.niche(of: cell) != niche {
        counters.outOfNiche += 1
        reasons.append("\(Prompts.codes(cell)) is not in the niche")
      } else if seen.contains(cell) {
        counters.duplicate += 1
        reasons.append("\(Prompts.codes(cell)) is known")
      } else if !task.isUsable(cell) {
        counters.unusable += 1
        reasons.append("\(Prompts.codes(cell)) cannot run")
      } else {
        seen.insert(cell)
        accepted.append(proposal)
      }
    }
  }

  /// One-edge mutations of random parents inside the niche, then random cells of it; fewer when the niche is exhausted.
  mutating func fallbacks(parents: [Cell], using generator: inout Philox) -> [Cell] {
    var found: [Cell] = []
    let candidates = parents.flatMap { $0.neighbours() }.filter(isFree)
    var pool = Array(Set(candidates)).sorted()
    var isWidened = false
    while found.count < missing {
      if pool.isEmpty {
        guard !isWidened else { break }
        isWidened = true
        pool = task.usable.filter(isFree)
        continue
      }
      let cell = pool.remove(at: generator.next(below: pool.count))
      guard seen.insert(cell).inserted else { continue }
      found.append(cell)
    }
    return found
  }

  private func isFree(_ cell: Cell) -> Bool {
    partition.niche(of: cell) == niche && task.isUsable(cell) && !seen.contains(cell)
  }
}
