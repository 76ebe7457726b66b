import TinyTensor

/// Regularised evolution (Real et al. 2019): the oldest member dies, the parent wins a tournament. For two objectives every tournament
/// weighs them anew at random.
public struct AgingEvolution: SearchMethod {
  public let name = "regularised evolution"
  private let size: Int
  private let sample: Int

  /// The search with a population and a tournament size.
  public init(population size: Int = 20, tournament sample: Int = 5) {
    precondition(size >= 1 && sample >= 1, "population and tournament need a member")
    self.size = size
    self.sample = sample
  }

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "aging-evolution")
    var evaluated: [Cell] = []
    var seen = Set<Cell>()
    var failures = 0
    while evaluated.count < min(budget, task.usable.count), failures < 10_000 {
      var child = task.usable[generator.next(below: task.usable.count)]
      if evaluated.count >= size {
        let edge = generator.next(below: Cell.edgeCount)
        child = parent(evaluated.suffix(size), task, estimates, &generator)
        child = child.replacing(edge, with: CellOperation.allCases[generator.next(below: 5)])
      }
      guard task.isUsable(child), seen.insert(child).inserted else {
        failures += 1
        continue
      }
      failures = 0
      evaluated.append(child)
    }
    return evaluated
  }

  private func parent(
    _ population: ArraySlice<Cell>, _ task: SearchTask, _ estimates: SearchEstimates, _ generator: inout Philox
  ) -> Cell {
    let weight = Double(generator.uniform())
    let scored = population.map { ($0, task.costs[$0.code], estimates.accuracies[$0.code]) }
    let costs = (scored.map(\.1).min() ?? 0, scored.map(\.1).max() ?? 1)
    let gains = (scored.map(\.2).min() ?? 0, scored.map(\.2).max() ?? 1)
    func merit(_ index: Int) -> Double {
      weight * (scored[index].2 - gains.0) / max(gains.1 - gains.0, 1e-12)
        - (1 - weight) * (scored[index].1 - costs.0) / max(costs.1 - costs.0, 1e-12)
    }
    let drawn = (0..<sample).map { _ in generator.next(below: scored.count) }
    let best = drawn.max { merit($0) != merit($1) ? merit($0) < merit($1) : $0 > $1 } ?? 0
    return scored[best].0
  }
}
