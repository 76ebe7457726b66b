import LogicFlowVerify

/// Finds intervals of raw features that decide the class before a single product: certified axis-aligned guards
/// (specification 2.7).
public struct BoxFinder: Sendable {
  private let network: IntegerNetwork
  private let prover: Prover

  /// A finder with a node budget per attempt.
  public init(_ network: IntegerNetwork, budget: Int = 10) {
    self.network = network
    prover = Prover(network, budget: budget)
  }

  /// One box per class, at most: around its rows, then widened feature by feature as long as it stays proved.
  public func flows(_ samples: IntegerSamples, outcomes: [Int]) -> [Flow] {
    (0..<network.classes).compactMap { outcome in
      let rows = (0..<samples.count).filter { outcomes[$0] == outcome }
      guard rows.count >= 8, let start = start(samples, rows, outcome) else { return nil }
      return widened(start, samples, outcome)
    }
  }

  private func proof(_ box: [ClosedRange<Int>], _ outcome: Int) -> Certificate? {
    guard case .proved(let certificate) = prover.decide(region(box), outcome: outcome) else { return nil }
    return certificate
  }

  private func region(_ box: [ClosedRange<Int>]) -> Region {
    Region(
      bounds: box.enumerated().compactMap { feature, range in
        range == network.input.range(feature)
          ? nil : VariableBound(variable: feature, lower: range.lowerBound, upper: range.upperBound)
      })
  }

  /// The widest central quantiles of the class's rows that are proved.
  private func start(_ samples: IntegerSamples, _ rows: [Int], _ outcome: Int) -> [ClosedRange<Int>]? {
    let sorted = (0..<samples.width).map { feature in
      rows.map { Int(samples.features[$0 * samples.width + feature]) }.sorted()
    }
    for cut in [0.02, 0.1, 0.2, 0.3, 0.4, 0.45, 0.49] {
      let low = Int(cut * Double(rows.count - 1))
      let box = sorted.map { $0[low]...$0[rows.count - 1 - low] }
      if proof(box, outcome) != nil { return box }
    }
    return nil
  }

  private func widened(_ start: [ClosedRange<Int>], _ samples: IntegerSamples, _ outcome: Int) -> Flow? {
    var box = start
    guard var certificate = proof(box, outcome) else { return nil }
    for feature in box.indices {
      for isLower in [true, false] {
        let (domain, range) = (network.input.range(feature), box[feature])
        let reach = isLower ? range.lowerBound - domain.lowerBound : domain.upperBound - range.upperBound
        // The whole side first: every bound that falls away is a comparison less. Then bisection.
        var (proved, refused) = (0, reach + 1)
        var distance = reach
        while refused - proved > 1 {
          var candidate = box
          candidate[feature] =
            isLower ? range.lowerBound - distance...range.upperBound : range.lowerBound...range.upperBound + distance
          if let proof = proof(candidate, outcome) {
            (box, certificate, proved) = (candidate, proof, distance)
          } else {
            refused = distance
          }
          distance = (proved + refused) / 2
        }
      }
    }
    let region = region(box)
    let visits = (0..<samples.count).count { row in
      region.bounds.allSatisfy {
        let value = Int(samples.features[row * samples.width + $0.variable])
        return value >= $0.lower && value <= $0.upper
      }
    }
    return visits == 0 ? nil : Flow(region: region, outcome: outcome, certificate: certificate, visits: visits)
  }
}
