import LogicFlowVerify
import TinyTensor

/// Drops literals of a constant path as long as what remains is still proved: an irreducible set (specifications 2.3 and 2.4).
public struct LiteralReducer: Sendable {
  /// The prover; a small budget, because most attempts are easy or hopeless.
  public var prover: Prover
  /// Random orders of deletion beside the one by cost.
  public var restarts: Int
  /// Names the orders.
  public var seed: UInt64

  /// Creates a reducer.
  public init(_ network: IntegerNetwork, budget: Int = 24, restarts: Int = 1, seed: UInt64 = 0) {
    prover = Prover(network, budget: budget)
    self.restarts = restarts
    self.seed = seed
  }

  /// The cheapest irreducible sets found, one per order, each with its proof.
  public func reduce(_ literals: [Literal], outcome: Int) -> [(literals: [Literal], certificate: Certificate)] {
    var random = Philox(seed: seed, stream: "logicflow.reduce.\(literals.hashForStream)")
    // Late layers first: their support costs most.
    var orders = [literals.sorted(by: >)]
    for _ in 0..<restarts {
      orders.append(literals.shuffled(using: &random).sorted { $0.layer > $1.layer })
    }
    var found: [(literals: [Literal], certificate: Certificate)] = []
    for order in orders {
      guard let result = reduce(order, outcome) else { continue }
      if !found.contains(where: { $0.literals == result.literals }) { found.append(result) }
    }
    return found
  }

  /// Deletes in blocks that shrink to single literals.
  private func reduce(_ order: [Literal], _ outcome: Int) -> (literals: [Literal], certificate: Certificate)? {
    guard case .proved(var certificate) = prover.decide(Region(literals: order.sorted()), outcome: outcome) else {
      return nil
    }
    var kept = order
    var block = max(order.count / 2, 1)
    while true {
      var start = 0
      while start < kept.count {
        var rest = kept
        rest.removeSubrange(start..<min(start + block, kept.count))
        if case .proved(let smaller) = prover.decide(Region(literals: rest.sorted()), outcome: outcome) {
          (kept, certificate) = (rest, smaller)
        } else {
          start += block
        }
      }
      if block == 1 { break }
      block = max(block / 2, 1)
    }
    return (kept.sorted(), certificate)
  }
}

extension [Literal] {
  /// The same text for the same literals in every run, unlike `hashValue`.
  fileprivate var hashForStream: String { map { "\($0.layer).\($0.neuron)\($0.positive ? "+" : "-")" }.joined() }
}
