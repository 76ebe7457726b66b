/// A cell with both objectives.
public struct ScoredCell: Sendable, Hashable, Codable {
  /// The cell.
  public let cell: Cell
  /// Latency in ms, or another cost that is minimised.
  public let cost: Double
  /// Top-1 accuracy in percent, true or estimated.
  public let accuracy: Double

  /// A cell with its scores.
  public init(_ cell: Cell, cost: Double, accuracy: Double) {
    self.cell = cell
    self.cost = cost
    self.accuracy = accuracy
  }
}

extension [ScoredCell] {
  /// The nondominated cells by rising cost and strictly rising accuracy (ties: the lower code).
  public func front() -> [ScoredCell] {
    let ordered = sorted { $0.cell < $1.cell }
    return FrontKernel.front(cost: ordered.map(\.cost), gain: ordered.map(\.accuracy)).map { ordered[$0] }
  }

  /// Adds a cell to cells that are a front, which they stay: the result of appending it and taking ``front()``.
  package mutating func insertIntoFront(_ new: ScoredCell) {
    func isAtLeastAsGood(_ left: ScoredCell, as right: ScoredCell) -> Bool {
      left.cost <= right.cost && left.accuracy >= right.accuracy
    }
    guard !new.cost.isNaN, !new.accuracy.isNaN else { return }
    let isBeaten = contains { old in
      isAtLeastAsGood(old, as: new) && !(isAtLeastAsGood(new, as: old) && new.cell < old.cell)
    }
    guard !isBeaten else { return }
    removeAll { isAtLeastAsGood(new, as: $0) }
    insert(new, at: firstIndex { $0.cost > new.cost } ?? endIndex)
  }
}
