import TinyTensor

/// Usable cells without replacement.
public struct RandomSearch: SearchMethod {
  public let name = "random"

  /// The search.
  public init() {}

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "random-search")
    return draw(min(budget, task.usable.count), from: task.usable, using: &generator)
  }
}

/// Usable cells without replacement, the same number from every niche.
public struct PartitionedRandomSearch: SearchMethod {
  public let name = "partitioned random"
  private let partition: Partition

  /// The search over the niches of a partition.
  public init(_ partition: Partition) { self.partition = partition }

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] {
    var generator = Philox(seed: seed, stream: "partitioned-random")
    var members = [[Cell]](repeating: [], count: partition.nicheCount)
    for cell in task.usable { members[partition.niche(of: cell)].append(cell) }
    return members.enumerated().flatMap { niche, cells in
      let share = budget / members.count + (niche < budget % members.count ? 1 : 0)
      return draw(min(share, cells.count), from: cells, using: &generator)
    }
  }
}

/// Distinct members of a list, by rejection: the lists are much longer than the draws, or are taken whole.
private func draw(_ count: Int, from cells: [Cell], using generator: inout Philox) -> [Cell] {
  if 2 * count > cells.count { return generator.sample(count, of: cells.count).map { cells[$0] } }
  var seen = Set<Int>()
  var drawn: [Cell] = []
  while drawn.count < count {
    let index = generator.next(below: cells.count)
    if seen.insert(index).inserted { drawn.append(cells[index]) }
  }
  return drawn
}
