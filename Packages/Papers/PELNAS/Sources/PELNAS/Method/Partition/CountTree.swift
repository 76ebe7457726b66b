/// A small regression tree on counts of operations: each split is a sentence that a prompt can carry.
indirect enum CountTree: Sendable {
  case leaf(rule: String)
  case split(CellOperation, atMost: Int, CountTree, CountTree)

  /// Grows a tree that minimises the squared error of the cost.
  static func grow(_ cells: [Cell], costs: [Double], depth: Int, rule: [String] = []) -> CountTree {
    let text = rule.isEmpty ? "any cell" : rule.joined(separator: " and ")
    guard depth > 0, cells.count >= 4, let best = bestSplit(cells, costs) else { return .leaf(rule: text) }
    let name = best.operation.shortName
    return .split(
      best.operation, atMost: best.threshold,
      grow(
        cells.filter { $0.count(best.operation) <= best.threshold }, costs: costs, depth: depth - 1,
        rule: rule + ["at most \(best.threshold) \(name)"]),
      grow(
        cells.filter { $0.count(best.operation) > best.threshold }, costs: costs, depth: depth - 1,
        rule: rule + ["more than \(best.threshold) \(name)"]))
  }

  private static func bestSplit(_ cells: [Cell], _ costs: [Double]) -> (operation: CellOperation, threshold: Int)? {
    func error(_ part: [Cell]) -> Double {
      let mean = part.reduce(0) { $0 + costs[$1.code] } / Double(part.count)
      return part.reduce(0) { $0 + (costs[$1.code] - mean) * (costs[$1.code] - mean) }
    }
    var best: (operation: CellOperation, threshold: Int)?
    var least = error(cells)
    for operation in CellOperation.allCases {
      for threshold in 0..<Cell.edgeCount {
        let low = cells.filter { $0.count(operation) <= threshold }
        guard low.count >= 2, cells.count - low.count >= 2 else { continue }
        let sum = error(low) + error(cells.filter { $0.count(operation) > threshold })
        if sum < least - 1e-12 {
          least = sum
          best = (operation, threshold)
        }
      }
    }
    return best
  }

  /// The rules of the leaves, left to right.
  func leaves() -> [String] {
    switch self {
    case .leaf(let rule): [rule]
    case .split(_, _, let low, let high): low.leaves() + high.leaves()
    }
  }

  /// The number of the leaf that a cell falls into.
  func leaf(of cell: Cell) -> Int {
    switch self {
    case .leaf: 0
    case .split(let operation, let threshold, let low, let high):
      cell.count(operation) <= threshold ? low.leaf(of: cell) : low.leaves().count + high.leaf(of: cell)
    }
  }
}
