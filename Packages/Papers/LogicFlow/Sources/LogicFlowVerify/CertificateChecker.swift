/// Checks certificates with integer arithmetic only; no solver takes part.
public struct CertificateChecker: Sendable {
  /// Fractional bits of multipliers.
  public static let multiplierBits = 20

  private let network: IntegerNetwork

  /// A checker for proofs about `network`.
  public init(_ network: IntegerNetwork) { self.network = network }

  /// Accepts `certificate` as a proof that `network` answers `outcome` for every input of `region`, or says what is wrong with it.
  public func check(_ certificate: Certificate, region: Region, outcome: Int) throws(InvalidCertificate) {
    try region.validate(for: network)
    guard (0..<network.classes).contains(outcome) else { throw InvalidCertificate("no class \(outcome)") }
    try check(certificate, region, outcome, leaf: "")
  }

  private func check(
    _ certificate: Certificate, _ region: Region, _ outcome: Int, leaf: String
  ) throws(InvalidCertificate) {
    guard leaf.utf8.count <= 4096 else { throw InvalidCertificate("deeper than 4096 splits", leaf: leaf) }
    switch certificate {
    case .split(let split, let below, let above):
      let parts = region.parts(split)
      try parts.below.validate(for: network)
      try check(below, parts.below, outcome, leaf: leaf + "-")
      try check(above, parts.above, outcome, leaf: leaf + "+")
    case .leaf(let bounds):
      let relaxation = Relaxation(network, region: region)
      guard !relaxation.isEmpty else { return }
      for rival in 0..<network.classes where rival != outcome {
        guard let bound = bounds.first(where: { $0.rival == rival }) else {
          throw InvalidCertificate("class \(rival) is missing", leaf: leaf)
        }
        guard relaxation.excludes(rival, outcome, bound.multipliers, in: network) else {
          throw InvalidCertificate("class \(rival) is not excluded", leaf: leaf)
        }
      }
    }
  }
}

extension Relaxation {
  /// Whether `multipliers` prove that class `rival` never wins over `outcome`: for any λ ≥ 0,
  /// `d·z ≤ λ·b + Σ max(r l, r u)` with `r = d − Aᵀλ`.
  ///
  /// A negative multiplier, an unknown constraint or a sum beyond 128 bits proves nothing.
  public func excludes(_ rival: Int, _ outcome: Int, _ multipliers: [Multiplier], in network: IntegerNetwork) -> Bool {
    let last = network.layers[network.layers.count - 1]
    let bits = Self.fractionBits + CertificateChecker.multiplierBits
    var reduced = [Int128](repeating: 0, count: lower.count)
    let first = lower.count - last.weights[0].count
    for index in last.weights[0].indices {
      reduced[first + index] = (Int128(last.weights[rival][index]) - Int128(last.weights[outcome][index])) << bits
    }
    var total = (Int128(last.bias[rival]) - Int128(last.bias[outcome])) << bits
    for multiplier in multipliers {
      guard multiplier.numerator >= 0, constraints.indices.contains(multiplier.constraint) else { return false }
      let constraint = constraints[multiplier.constraint]
      let factor = Int128(multiplier.numerator)
      guard let sum = total.adding(factor, times: constraint.bound) else { return false }
      total = sum
      for term in constraint.terms {
        guard let difference = reduced[term.variable].adding(-factor, times: term.coefficient) else { return false }
        reduced[term.variable] = difference
      }
    }
    for (index, value) in reduced.enumerated() {
      let extreme = value > 0 ? upper[index] : lower[index]
      guard let sum = total.adding(value, times: Int128(extreme)) else { return false }
      total = sum
    }
    return total < Int128(IntegerNetwork.winningMargin(rival, over: outcome)) << bits
  }
}

extension Int128 {
  /// `self + a · b`, or nothing when that leaves 128 bits.
  fileprivate func adding(_ a: Int128, times b: Int128) -> Int128? {
    let (product, overflowed) = a.multipliedReportingOverflow(by: b)
    guard !overflowed else { return nil }
    let (sum, wrapped) = addingReportingOverflow(product)
    return wrapped ? nil : sum
  }
}
