import Foundation

/// What a model prefers on each edge when the grammar leaves it a choice (specification, appendix B): a direct picture of its bias.
public struct ChoiceBias: Sendable, Hashable, Codable {
  /// Mean probability of each digit, `[edge][digit]`.
  public let probabilities: [[Double]]
  /// Mean Kullback–Leibler divergence, in nats, from an even choice among the digits that the niche allowed, by edge.
  public let divergences: [Double]

  /// The bias behind the choices of some cells, `[cell][edge][digit]`; a probability of zero marks a digit that was not allowed.
  public init(_ choices: [[[Double]]]) {
    let count = Double(max(1, choices.count))
    probabilities = (0..<Cell.edgeCount).map { edge in
      (0..<5).map { digit in choices.reduce(0) { $0 + $1[edge][digit] } / count }
    }
    divergences = (0..<Cell.edgeCount).map { edge in
      choices.reduce(0) { $0 + Self.divergenceFromEven($1[edge]) } / count
    }
  }

  private static func divergenceFromEven(_ probabilities: [Double]) -> Double {
    let allowed = probabilities.filter { $0 > 0 }
    return allowed.reduce(0) { $0 + $1 * log($1 * Double(allowed.count)) }
  }

  /// Jensen–Shannon divergence of several biases, in nats, by edge: 0 if the model chooses alike in all niches.
  public static func divergenceBetween(_ biases: [ChoiceBias]) -> [Double] {
    (0..<Cell.edgeCount).map { edge in
      let rows = biases.map { $0.probabilities[edge] }
      let mean = (0..<5).map { digit in rows.reduce(0) { $0 + $1[digit] } / Double(max(1, rows.count)) }
      return entropy(mean) - rows.reduce(0) { $0 + entropy($1) } / Double(max(1, rows.count))
    }
  }

  private static func entropy(_ probabilities: [Double]) -> Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
  }
}
