import TinyTensor

/// Search by active learning, beyond the paper (specification 10.1): label a few cells of every niche, fit a surrogate, label what it
/// puts on its first fronts, refit.
///
/// ```swift
/// let search = ActiveSurrogateSearch(try ProcessSurrogate(benchmark, .cifar10))
/// let labelled = try search.run(task, budget: 150, seed: 1)
/// task.quality(of: labelled).hvFront
/// ```
public struct ActiveSurrogateSearch: Sendable {
  /// Settings of the search.
  public struct Configuration: Sendable, Hashable, Codable {
    /// Labels before the first fit, the same number in every niche.
    public var initialLabels = 48
    /// Labels between fits.
    public var labelsPerRound = 25
    /// κ: the surrogate's deviation counts this often on top of its mean; 0 trusts the mean.
    public var exploration = 0.0

    /// The defaults of the specification.
    public init() {}
  }

  private let surrogate: any AccuracySurrogate
  private let partition: Partition
  private let configuration: Configuration
  private let nominate: (@Sendable (_ labelled: [ScoredCell], _ round: Int) -> [Cell])?

  /// A search.
  ///
  /// - Parameter nominate: a proposer's hook: cells that are labelled before the surrogate's, at most a fifth of a round.
  public init(
    _ surrogate: any AccuracySurrogate, partition: Partition = .conv3x3,
    configuration: Configuration = Configuration(),
    nominate: (@Sendable (_ labelled: [ScoredCell], _ round: Int) -> [Cell])? = nil
  ) {
    self.surrogate = surrogate
    self.partition = partition
    self.configuration = configuration
    self.nominate = nominate
  }

  /// Name for tables.
  public var name: String { "active search (\(surrogate.name))" }

  /// The labelled cells, in order. The first is the cheapest: costs are known, and so it is known to be on the true front.
  ///
  /// - Parameter budget: labels in all.
  public func run(_ task: SearchTask, budget: Int, seed: UInt64) throws(PELNASError) -> [Cell] {
    try require(configuration.labelsPerRound > 0, "labels per round", configuration.labelsPerRound, "at least 1")
    let limit = min(budget, task.usable.count)
    var labelled = initialCells(task, count: min(max(2, configuration.initialLabels), limit), seed: seed)
    var round = 0
    while labelled.count < limit {
      let wanted = min(configuration.labelsPerRound, limit - labelled.count)
      let scored = labelled.map { ScoredCell($0, cost: task.costs[$0.code], accuracy: task.searchAccuracies[$0.code]) }
      let known = Set(labelled)
      let nominated = nominate.map { unique($0(scored, round).filter(task.isUsable), except: known) } ?? []
      let candidates = task.usable.filter { !known.contains($0) }
      let (mean, deviation) = try surrogate.estimate(candidates, from: scored, seed: seed &* 100 &+ UInt64(round))
      let promising = candidates.indices.map { index in
        ScoredCell(
          candidates[index], cost: task.costs[candidates[index].code],
          accuracy: mean[index] + configuration.exploration * deviation[index])
      }
      let chosen = nominated.prefix(wanted / 5) + peel(promising, count: wanted)
      labelled += unique(chosen, except: known).prefix(wanted)
      round += 1
    }
    return labelled
  }

  private func initialCells(_ task: SearchTask, count: Int, seed: UInt64) -> [Cell] {
    let random = PartitionedRandomSearch(partition).run(task, .truth(task), budget: count, seed: seed)
    let cheapest = task.usable.min { task.costs[$0.code] < task.costs[$1.code] }
    return Array(unique([cheapest].compactMap { $0 } + random, except: []).prefix(count))
  }

  /// Cells of the first promised front, then of the front without these, and so on; a front that does not fit whole is thinned evenly
  /// along the cost.
  private func peel(_ promising: [ScoredCell], count: Int) -> [Cell] {
    var rest = promising
    var chosen: [Cell] = []
    while chosen.count < count, !rest.isEmpty {
      let front = rest.front()
      let free = count - chosen.count
      if front.count <= free {
        chosen += front.map(\.cell)
      } else {
        chosen += (0..<free).map { front[($0 * (front.count - 1)) / max(1, free - 1)].cell }
      }
      let taken = Set(front.map(\.cell))
      rest.removeAll { taken.contains($0.cell) }
    }
    return chosen
  }

  /// Cells without repetitions, in their order.
  private func unique(_ cells: some Sequence<Cell>, except known: Set<Cell>) -> [Cell] {
    var seen = known
    return cells.filter { seen.insert($0).inserted }
  }
}
