/// How the scores of the prunable units are spread before a removal.
struct ScoreStatistics {
  let count: Int
  let mean: Double
  let lowest: Float
  let belowThreshold: Int?
  let histogram: [Int]

  init(
    _ scores: [String: [Float]], rule: RemovalRule, units: ChannelUnits, classes: Int?, round: Int
  ) throws(PruneError) {
    let prunable = units.prunable(scope: rule.scope, pruneFirst: rule.pruneFirst)
    let byUnit = try rule.unitScores(prunable, scores: scores, units: units)
    let values = prunable.compactMap { byUnit[$0] }
    count = values.count
    mean = values.isEmpty ? 0 : values.reduce(0) { $0 + Double($1) } / Double(values.count)
    lowest = values.min() ?? 0
    if let classes, let fraction = rule.strategy.threshold(round: round) {
      belowThreshold = values.count { Double($0) < fraction * Double(classes) }
    } else {
      belowThreshold = nil
    }
    let top = classes.map(Float.init) ?? max(values.max() ?? 1, .leastNormalMagnitude)
    var bins = [Int](repeating: 0, count: 20)
    for value in values { bins[max(0, min(19, Int((value / top * 20).rounded(.up)) - 1))] += 1 }
    histogram = bins
  }
}
