import TinyTensor

/// NSGA-II (Deb et al. 2002) with the settings of the specification's appendix D.
///
/// Population 20, binary tournament on rank and crowding distance, uniform crossover with probability ½, every gene reset with
/// probability ⅙, duplicates removed; unusable cells cost 1000 ms at 0 %.
public struct NSGA2: SearchMethod {
  public let name = "NSGA-II"
  private let size: Int

  /// The search with a population size.
  public init(population size: Int = 20) {
    precondition(size >= 2, "a population needs two members")
    self.size = size
  }

  private struct Member {
    let cell: Cell
    let cost: Double
    let gain: Double
    var rank = 0
    var crowding = 0.0
  }

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "nsga2")
    func evaluate(_ cell: Cell) -> Member {
      task.isUsable(cell)
        ? Member(cell: cell, cost: task.costs[cell.code], gain: estimates.accuracies[cell.code])
        : Member(cell: cell, cost: 1_000, gain: 0)
    }
    var evaluated: [Cell] = []
    var population: [Member] = []
    var known = Set<Cell>()
    while population.count < min(size, budget) {
      let cell = Cell(uncheckedCode: generator.next(below: Cell.spaceSize))
      if known.insert(cell).inserted { population.append(evaluate(cell)) }
    }
    evaluated += population.map(\.cell)
    population = survivors(of: population)
    while evaluated.count < budget {
      known = Set(population.map(\.cell))
      var offspring: [Member] = []
      var attempts = 0
      while offspring.count < min(size, budget - evaluated.count) {
        let first = tournament(population, &generator)
        let second = tournament(population, &generator)
        var child = generator.uniform() < 0.5 ? crossover(first, second, &generator) : first
        for edge in 0..<Cell.edgeCount where generator.next(below: 6) == 0 {
          child = child.replacing(edge, with: CellOperation.allCases[generator.next(below: 5)])
        }
        attempts += 1
        // A population that cannot vary any more is widened by a random word.
        if attempts > 100 * size { child = Cell(uncheckedCode: generator.next(below: Cell.spaceSize)) }
        if known.insert(child).inserted { offspring.append(evaluate(child)) }
      }
      evaluated += offspring.map(\.cell)
      population = survivors(of: population + offspring)
    }
    return evaluated
  }

  private func tournament(_ population: [Member], _ generator: inout Philox) -> Cell {
    let first = population[generator.next(below: population.count)]
    let second = population[generator.next(below: population.count)]
    if first.rank != second.rank { return first.rank < second.rank ? first.cell : second.cell }
    return first.crowding >= second.crowding ? first.cell : second.cell
  }

  private func crossover(_ first: Cell, _ second: Cell, _ generator: inout Philox) -> Cell {
    let mask = generator.nextWord()
    return (0..<Cell.edgeCount).reduce(first) { child, edge in
      mask >> UInt32(edge) & 1 == 1 ? child.replacing(edge, with: second[edge]) : child
    }
  }

  /// The best members by rank, then by crowding distance within the rank that does not fit whole.
  private func survivors(of members: [Member]) -> [Member] {
    var chosen: [Member] = []
    for (rank, front) in fronts(of: members).enumerated() {
      var ranked = withCrowding(front, rank: rank)
      if chosen.count + ranked.count > size {
        ranked.sort { $0.crowding != $1.crowding ? $0.crowding > $1.crowding : $0.cell < $1.cell }
        ranked.removeSubrange((size - chosen.count)...)
      }
      chosen += ranked
      if chosen.count == size { break }
    }
    return chosen
  }

  /// Nondominated sorting in two objectives: by cost, each member joins the first front whose last gain it beats.
  private func fronts(of members: [Member]) -> [[Member]] {
    let sorted = members.sorted { left, right in
      if left.cost != right.cost { return left.cost < right.cost }
      return left.gain != right.gain ? left.gain > right.gain : left.cell < right.cell
    }
    var fronts: [[Member]] = []
    for member in sorted {
      let place = fronts.firstIndex { front in
        guard let last = front.last else { return true }
        return member.gain > last.gain || (member.gain == last.gain && member.cost == last.cost)
      }
      if let place { fronts[place].append(member) } else { fronts.append([member]) }
    }
    return fronts
  }

  /// Crowding distances of a front that is sorted by cost, hence by gain too.
  private func withCrowding(_ front: [Member], rank: Int) -> [Member] {
    var result = front
    let costs = max(front[front.count - 1].cost - front[0].cost, 1e-12)
    let gains = max(abs(front[front.count - 1].gain - front[0].gain), 1e-12)
    for index in result.indices {
      result[index].rank = rank
      result[index].crowding =
        index == 0 || index == front.count - 1
        ? .infinity
        : (front[index + 1].cost - front[index - 1].cost) / costs
          + abs(front[index + 1].gain - front[index - 1].gain) / gains
    }
    return result
  }
}
