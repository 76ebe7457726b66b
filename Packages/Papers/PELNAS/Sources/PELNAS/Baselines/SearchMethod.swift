/// A search without a language model at a fixed number of evaluations, for comparisons at equal budget (specification 5).
public protocol SearchMethod: Sendable {
  /// Name for tables.
  var name: String { get }
  /// The cells that are evaluated, in order and with repetitions; at most `budget`.
  ///
  /// - Parameter estimates: what an evaluation says of the accuracy.
  func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell]
}

extension SearchTask {
  /// The quality of what a user of these evaluations would keep: the front by estimate, scored with the trained accuracy.
  public func quality(of evaluated: [Cell], by estimates: SearchEstimates) -> FrontQuality {
    quality(of: front(of: evaluated, by: estimates).map(\.cell))
  }

  /// The front among evaluated cells by estimate.
  public func front(of evaluated: some Sequence<Cell>, by estimates: SearchEstimates) -> [ScoredCell] {
    score(Array(evaluated), by: estimates).front()
  }

  /// Usable cells with their estimated accuracies.
  func score(_ cells: [Cell], by estimates: SearchEstimates) -> [ScoredCell] {
    cells.filter(isUsable).map { ScoredCell($0, cost: costs[$0.code], accuracy: estimates.accuracies[$0.code]) }
  }
}
