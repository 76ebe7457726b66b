import TinyTensor

/// Pareto local search: evaluates all 24 neighbours of a front cell that was not expanded yet; restarts at random when there is none.
public struct ParetoLocalSearch: SearchMethod {
  public let name = "Pareto local search"

  /// The search.
  public init() {}

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "local-search")
    let limit = min(budget, task.usable.count)
    var evaluated: [Cell] = []
    var seen = Set<Cell>()
    var expanded = Set<Cell>()
    var front: [ScoredCell] = []
    while evaluated.count < limit {
      let open = front.filter { !expanded.contains($0.cell) }
      var batch: [Cell]
      if open.isEmpty {
        batch = [task.usable[generator.next(below: task.usable.count)]]
      } else {
        let chosen = open[generator.next(below: open.count)].cell
        expanded.insert(chosen)
        batch = chosen.neighbours()
      }
      batch = batch.filter { task.isUsable($0) && seen.insert($0).inserted }
      batch.removeLast(max(0, batch.count - (limit - evaluated.count)))
      evaluated += batch
      front = (front + task.score(batch, by: estimates)).front()
    }
    return evaluated
  }
}
