import LanguageModel

/// Finds the ratio for a budget, instead of a budget for a ratio.
public enum BudgetPlanner {
  /// The smallest ratio in (0.01, 0.99) whose plan meets a condition, to a thousandth.
  ///
  /// - Parameters:
  ///   - what: The budget in words, for the error.
  ///   - make: The plan for a ratio.
  ///   - meets: Whether a plan is within the budget; holds from some ratio on.
  /// - Throws: ``BasisSharingError/unreachableBudget(_:)`` if none does.
  public static func smallestRatio(
    for what: String, plan make: (Double) throws -> SharingPlan, meets: (SharingPlan) -> Bool
  ) throws -> (ratio: Double, plan: SharingPlan) {
    var low = 10
    var high = 990
    guard meets(try make(0.99)) else {
      throw BasisSharingError.unreachableBudget("\(what) is out of reach even at a ratio of 0.99")
    }
    if meets(try make(0.01)) { high = low }
    while high - low > 1 {
      let middle = (low + high) / 2
      if meets(try make(Double(middle) / 1000)) { high = middle } else { low = middle }
    }
    return (Double(high) / 1000, try make(Double(high) / 1000))
  }
}
