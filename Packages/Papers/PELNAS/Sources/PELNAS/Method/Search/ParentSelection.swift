/// Which archive cells a prompt shows: the extremes first, then those with the largest crowding distance.
enum ParentSelection {
  /// Up to `count` cells of a front that is sorted by cost.
  static func spread(_ front: [ScoredCell], count: Int) -> [ScoredCell] {
    guard front.count > count, count >= 2, let first = front.first, let last = front.last else {
      return Array(front.prefix(count))
    }
    let costs = max(last.cost - first.cost, 1e-12)
    let gains = max(last.accuracy - first.accuracy, 1e-12)
    let inner = (1..<front.count - 1).map { index in
      (
        index,
        (front[index + 1].cost - front[index - 1].cost) / costs
          + (front[index + 1].accuracy - front[index - 1].accuracy) / gains
      )
    }
    let crowded = inner.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(count - 2).map(\.0)
    return ([0, front.count - 1] + crowded).sorted().map { front[$0] }
  }
}
