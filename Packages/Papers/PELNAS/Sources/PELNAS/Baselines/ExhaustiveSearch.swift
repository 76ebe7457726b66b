/// Evaluates every usable cell: the upper limit of any searcher on an estimator. Ignores the budget.
public struct ExhaustiveSearch: SearchMethod {
  public let name = "exhaustive"

  /// The search.
  public init() {}

  public func run(_ task: SearchTask, _ estimates: SearchEstimates, budget: Int, seed: UInt64) -> [Cell] { task.usable }
}
