import TinyTensor

/// The loop of the paper with random operators instead of a model: an archive per niche, crossover or mutation of its members, repaired
/// into the niche.
public struct PartitionedEvolution: SearchMethod {
  public let name = "partitioned EA"
  private let partition: Partition

  /// The search over the niches of a partition.
  public init(_ partition: Partition) { self.partition = partition }

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "partitioned-evolution")
    let niches = partition.nicheCount
    var seen = Set<Cell>()
    var evaluated: [Cell] = []
    var archives = [[ScoredCell]](repeating: [], count: niches)
    func evaluate(_ cell: Cell, _ niche: Int) {
      seen.insert(cell)
      evaluated.append(cell)
      archives[niche].insertIntoFront(
        ScoredCell(cell, cost: task.costs[cell.code], accuracy: estimates.accuracies[cell.code]))
    }
    // A sixth of the budget is drawn at random, as ten of sixty cells of a niche in the paper's loop.
    let initial = max(1, budget / 6 / niches)
    var failures = 0
    var step = 0
    while evaluated.count < budget, failures < 200 * niches {
      let niche = step % niches
      let isInitial = step / niches < initial
      step += 1
      let automaton = partition.automata[niche]
      let child =
        isInitial || archives[niche].isEmpty
        ? automaton.uniform(using: &generator) : vary(archives[niche], automaton, &generator)
      guard let child, task.isUsable(child), !seen.contains(child) else {
        failures += 1
        continue
      }
      failures = 0
      evaluate(child, niche)
    }
    return evaluated
  }

  private func vary(_ archive: [ScoredCell], _ automaton: CellAutomaton, _ generator: inout Philox) -> Cell? {
    let first = archive[generator.next(below: archive.count)].cell
    let second = archive[generator.next(below: archive.count)].cell
    let isCrossover = generator.uniform() < 0.5 && first != second
    let mask = generator.nextWord()
    let changed = isCrossover ? [] : generator.sample(1 + generator.next(below: 2), of: Cell.edgeCount)
    return automaton.draw(using: &generator) { edge, digit in
      let inherited = isCrossover && mask >> UInt32(edge) & 1 == 1 ? second.digit(edge) : first.digit(edge)
      if changed.contains(edge) { return digit == inherited ? 0 : 1 }
      return digit == inherited ? 1 : 1e-3
    }
  }
}
