/// Ranks from 0 to 1, ties by their mean.
enum RelativeRanks {
  static func of<Value: BinaryFloatingPoint>(_ values: [Value]) -> [Value] {
    var ranks = [Value](repeating: 0.5, count: values.count)
    guard values.count > 1 else { return ranks }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for position in start...end { ranks[order[position]] = Value(start + end) / Value(2 * (order.count - 1)) }
      start = end + 1
    }
    return ranks
  }
}
