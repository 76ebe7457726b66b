import Foundation

/// The direction along which two groups of rows are told apart best: logistic regression with a small ridge.
enum LogisticDirection {
  /// Weights of the raw columns of `rows`, up to a positive factor; constant columns get zero.
  static func fit(_ rows: [[Double]], _ isTarget: [Bool], steps: Int = 400) -> [Double] {
    guard let width = rows.first?.count, isTarget.contains(true), isTarget.contains(false) else { return [] }
    let count = Double(rows.count)
    var mean = [Double](repeating: 0, count: width)
    var deviation = mean
    for row in rows { for column in 0..<width { mean[column] += row[column] / count } }
    for row in rows { for column in 0..<width { deviation[column] += pow(row[column] - mean[column], 2) / count } }
    let scale = deviation.map { $0 > 1e-9 ? 1 / $0.squareRoot() : 0 }
    let standardized = rows.flatMap { row in (0..<width).map { (row[$0] - mean[$0]) * scale[$0] } }
    // Half the weight on each group: the smaller one must not be drowned.
    let targets = Double(isTarget.count { $0 })
    let (inside, outside) = (0.5 / targets, 0.5 / (count - targets))
    var weights = [Double](repeating: 0, count: width)
    var velocity = weights
    var (bias, biasVelocity) = (0.0, 0.0)
    for _ in 0..<steps {
      var gradient = weights.map { 1e-3 * $0 }
      var biasGradient = 0.0
      for (index, positive) in isTarget.enumerated() {
        let start = index * width
        var sum = bias
        for column in 0..<width { sum += weights[column] * standardized[start + column] }
        let error = (positive ? -1 / (1 + exp(sum)) : 1 / (1 + exp(-sum))) * (positive ? inside : outside)
        biasGradient += error
        for column in 0..<width { gradient[column] += error * standardized[start + column] }
      }
      for column in 0..<width {
        velocity[column] = 0.9 * velocity[column] - 0.3 * gradient[column]
        weights[column] += velocity[column]
      }
      biasVelocity = 0.9 * biasVelocity - 0.3 * biasGradient
      bias += biasVelocity
    }
    return zip(weights, scale).map(*)
  }
}
