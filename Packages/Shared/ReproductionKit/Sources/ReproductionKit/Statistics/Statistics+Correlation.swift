extension Statistics {
  /// Pearson's correlation coefficient of paired values.
  ///
  /// NaN for fewer than two pairs or when one side is constant.
  public static func pearson(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "pearson: \(x.count) and \(y.count) values cannot be paired")
    guard x.count > 1 else { return .nan }
    let meanX = mean(x)
    let meanY = mean(y)
    var covariance = 0.0
    var varianceX = 0.0
    var varianceY = 0.0
    for (a, b) in zip(x, y) {
      covariance += (a - meanX) * (b - meanY)
      varianceX += (a - meanX) * (a - meanX)
      varianceY += (b - meanY) * (b - meanY)
    }
    guard varianceX > 0, varianceY > 0 else { return .nan }
    return min(max(covariance / (varianceX.squareRoot() * varianceY.squareRoot()), -1), 1)
  }

  /// Spearman's rank correlation of paired values; ties take their mean rank.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "spearman: \(x.count) and \(y.count) values cannot be paired")
    guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
    return pearson(ranks(x), ranks(y))
  }

  /// Ranks from 1, ties with their mean rank.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let rank = Double(start + end + 1) / 2
      for position in start..<end { ranks[order[position]] = rank }
      start = end
    }
    return ranks
  }
}
