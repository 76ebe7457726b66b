import LogicFlowVerify

/// Decides whether a class is constant in a region: intervals, then linear programs, then branch and bound (specification 2.6).
public struct Prover: Sendable {
  /// The network that claims are about.
  public let network: IntegerNetwork
  /// Largest number of nodes of the search tree.
  public var budget: Int

  /// A prover with a node budget.
  public init(_ network: IntegerNetwork, budget: Int = 2000) {
    self.network = network
    self.budget = budget
  }

  /// Proves or refutes that every input of `region` is given class `outcome`.
  public func decide(_ region: Region, outcome: Int) -> Verdict {
    var search = Search(network: network, outcome: outcome, root: region, left: budget)
    do {
      return .proved(try search.prove(region))
    } catch {
      switch error {
      case .counterexample(let x): return .refuted(x)
      case .exhausted: return .undecided(nodes: budget - search.left)
      }
    }
  }
}

/// Why a search ends without a proof.
private enum Stop: Error {
  case counterexample([UInt8])
  case exhausted
}

/// One depth-first search.
private struct Search {
  let network: IntegerNetwork
  let outcome: Int
  let root: Region
  var left: Int

  mutating func prove(_ region: Region) throws(Stop) -> Certificate {
    guard left > 0 else { throw .exhausted }
    left -= 1
    let relaxation = Relaxation(network, region: region)
    guard !relaxation.isEmpty else { return .leaf([]) }
    var bounds: [ClassBound] = []
    for rival in 0..<network.classes where rival != outcome {
      switch bound(rival, relaxation) {
      case .success(let multipliers): bounds.append(ClassBound(rival: rival, multipliers: multipliers))
      case .failure(let open):
        if let x = counterexample(near: open.point, relaxation) { throw .counterexample(x) }
        guard let split = split(at: open.point, relaxation) else { throw .exhausted }
        let parts = region.parts(split)
        let below = try prove(parts.below)
        return .split(split, below: below, above: try prove(parts.above))
      }
    }
    return .leaf(bounds)
  }

  /// A point at which the relaxation lets the rival win.
  private struct Open: Error { let point: [Double] }

  /// Multipliers that exclude `rival`, checked in exact integers.
  private func bound(_ rival: Int, _ relaxation: Relaxation) -> Result<[Multiplier], Open> {
    if relaxation.excludes(rival, outcome, [], in: network) { return .success([]) }
    let last = network.layers[network.layers.count - 1]
    let size = relaxation.lower.count
    let first = size - last.weights[0].count
    var objective = [Double](repeating: 0, count: size)
    for index in last.weights[0].indices {
      objective[first + index] = Double(last.weights[rival][index]) - Double(last.weights[outcome][index])
    }
    let constant = Double(last.bias[rival]) - Double(last.bias[outcome])
    let threshold = Double(IntegerNetwork.winningMargin(rival, over: outcome)) - constant
    var simplex = DualSimplex(relaxation, objective: objective)
    // Rounding the multipliers costs a little: stop a little lower than needed.
    let solution = simplex.solve(below: threshold - 1)
    if solution.bound < threshold {
      let multipliers = solution.multipliers.enumerated().compactMap { index, value -> Multiplier? in
        let numerator = (value * 0x1p20).rounded()
        return numerator >= 1 && numerator < 0x1p60 ? Multiplier(constraint: index, numerator: Int64(numerator)) : nil
      }
      if relaxation.excludes(rival, outcome, multipliers, in: network) { return .success(multipliers) }
    }
    return .failure(Open(point: solution.point))
  }

  /// The point's features, rounded, if the network contradicts the claim there.
  private func counterexample(near point: [Double], _ relaxation: Relaxation) -> [UInt8]? {
    let x = (0..<network.inputs).map { index in
      UInt8(min(max(point[index].rounded(), Double(relaxation.lower[index])), Double(relaxation.upper[index])))
    }
    return network.classify(x) != outcome && root.contains(x, in: network) ? x : nil
  }

  /// The neuron of unknown sign whose output is farthest from what its pre-activation allows; else an integer variable.
  private func split(at point: [Double], _ relaxation: Relaxation) -> Split? {
    var best: (gap: Double, split: Split)?
    var first = 0
    var variable = network.inputs
    for (layer, ranges) in relaxation.preactivations.enumerated() {
      guard let requant = network.layers[layer].requant else { break }
      let inputs = ranges.isEmpty ? 0 : network.layers[layer].weights[0].count
      for (neuron, range) in ranges.enumerated() {
        defer { variable += 1 }
        guard range.lowerBound <= 0, range.upperBound > 0 else { continue }
        var sum = Double(network.layers[layer].bias[neuron])
        for (index, weight) in network.layers[layer].weights[neuron].enumerated() where weight != 0 {
          sum += Double(weight) * point[first + index]
        }
        let slope = Double(requant.multiplier[neuron]) / Double(1 << Int(requant.shift[neuron]))
        let gap = abs(point[variable] - min(Double(requant.upper), max(0, sum * slope)))
        if gap > (best?.gap ?? 0.5) { best = (gap, .sign(layer: layer, neuron: neuron)) }
      }
      first += inputs
    }
    if let best { return best.split }
    // Signs are settled, or settled enough: cut the widest variable in two, where the solution is if that helps.
    guard let widest = relaxation.lower.indices.max(by: { width($0, relaxation) < width($1, relaxation) }),
      width(widest, relaxation) > 0
    else { return nil }
    let (low, high) = (relaxation.lower[widest], relaxation.upper[widest])
    return .value(variable: widest, value: min(max(Int(point[widest].rounded(.down)), low), high - 1))
  }

  /// Features decide everything, so they are cut first.
  private func width(_ variable: Int, _ relaxation: Relaxation) -> Int {
    (relaxation.upper[variable] - relaxation.lower[variable]) * (variable < network.inputs ? 4 : 1)
  }
}
