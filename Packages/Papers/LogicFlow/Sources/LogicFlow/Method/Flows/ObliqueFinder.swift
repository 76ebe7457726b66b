import LogicFlowVerify

/// Finds combinations `v·z` of features, or of a hidden layer's outputs, beyond whose thresholds the class is certain: oblique
/// exits (specification 2.7).
///
/// The direction is learnt from data; the threshold is not. It is the smallest one for which every integer input on the far side is
/// proved to get the class, so the exit is exact and carries a certificate like any other flow.
public struct ObliqueFinder: Sendable {
  /// Largest magnitude of a coefficient: small ones become shifts and adds.
  private static let largestCoefficient = 15.0

  private let network: IntegerNetwork
  private let prover: Prover

  /// A finder with a node budget per threshold that is tried.
  public init(_ network: IntegerNetwork, budget: Int = 32) {
    self.network = network
    prover = Prover(network, budget: budget)
  }

  /// Exits on the features and on every hidden layer but the last, which margins serve better; most visited first within a level.
  public func flows(_ samples: IntegerSamples, outcomes: [Int]) -> [Flow] {
    let values = (0..<samples.count).map { network.variables(samples[$0]) }
    let targets = network.classes == 2 ? 1..<2 : 0..<network.classes
    let tasks = levels.flatMap { variables in targets.map { (variables, $0) } }
    return parallelMap(tasks.count) { flows(tasks[$0].0, tasks[$0].1, values, outcomes) }.flatMap { $0 }
  }

  /// Variables of the levels: features, then hidden layers without the last.
  private var levels: [Range<Int>] {
    var levels = [0..<network.inputs]
    for layer in network.layers.dropLast(2) {
      levels.append(levels[levels.count - 1].upperBound..<levels[levels.count - 1].upperBound + layer.bias.count)
    }
    return levels
  }

  /// The exits of one direction that separates class `target` from the others; two classes use both of its ends.
  private func flows(_ variables: Range<Int>, _ target: Int, _ values: [[Int]], _ outcomes: [Int]) -> [Flow] {
    let rows = values.map { row in variables.map { Double(row[$0]) } }
    let weights = LogisticDirection.fit(rows, outcomes.map { $0 == target })
    guard let largest = weights.lazy.map(abs).max(), largest > 0 else { return [] }
    let terms = zip(variables, weights).compactMap { variable, weight -> LinearBound.Term? in
      let coefficient = Int((weight * Self.largestCoefficient / largest).rounded())
      return coefficient == 0 ? nil : LinearBound.Term(variable: variable, coefficient: coefficient)
    }
    let sums = values.map(LinearBound(terms).value)
    let above = threshold(sums, outcomes, target) { LinearBound(terms, lower: $0) }
    guard network.classes == 2 else { return [above].compactMap { $0 } }
    let below = threshold(sums.map(-), outcomes, 1 - target) { LinearBound(terms, upper: -$0) }
    return [above, below].compactMap { $0 }.sorted { $0.visits > $1.visits }
  }

  /// The smallest proved threshold between the last row of another class and the last row at all.
  private func threshold(
    _ sums: [Int], _ outcomes: [Int], _ outcome: Int, _ bound: (Int) -> LinearBound
  ) -> Flow? {
    func proof(_ threshold: Int) -> Certificate? {
      guard case .proved(let certificate) = prover.decide(Region(combinations: [bound(threshold)]), outcome: outcome)
      else { return nil }
      return certificate
    }
    var refused = zip(sums, outcomes).lazy.filter { $0.1 != outcome }.map(\.0).max() ?? .min
    guard var proved = sums.max(), proved > refused, var certificate = proof(proved) else { return nil }
    refused = max(refused, (sums.min() ?? proved) - 1)
    while proved - refused > 1 {
      let middle = refused + (proved - refused) / 2
      if let found = proof(middle) { (proved, certificate) = (middle, found) } else { refused = middle }
    }
    return Flow(
      region: Region(combinations: [bound(proved)]), outcome: outcome, certificate: certificate,
      visits: sums.count { $0 >= proved })
  }
}
