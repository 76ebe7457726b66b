import Foundation
import TinyTensor

/// What evaluated cells say about a rule.
public struct RuleEvidence: Sendable, Hashable, Codable {
  /// Cells that satisfy the rule.
  public let support: Int
  /// Mean accuracy with minus without the conditions, in percentage points.
  public let deltaAccuracy: Double
  /// Mean logarithm of the latency with minus without.
  public let deltaLatency: Double
  /// Mean relative accuracy rank with minus without, −1 … 1.
  public let rankEffect: Double
  /// Two-sided permutation p-value of the effect on the rule's goal.
  public let p: Double

  /// Number of permutations.
  static let permutations = 1_000

  init(of conditions: [RuleAtom], goal: Rule.Goal, on cells: [ScoredCell], seed: UInt64, name: String) {
    let satisfied = cells.map { cell in conditions.allSatisfy { $0.holds(for: cell.cell) } }
    support = satisfied.count { $0 }
    let logarithms = cells.map { log(max($0.cost, 1e-12)) }
    let ranks = Self.relativeRanks(cells.map(\.accuracy))
    deltaAccuracy = Self.difference(cells.map(\.accuracy), satisfied)
    deltaLatency = Self.difference(logarithms, satisfied)
    rankEffect = Self.difference(ranks, satisfied)
    guard support > 0, support < cells.count else {
      p = 1
      return
    }
    p = Self.permutationTest(goal == .accuracy ? ranks : logarithms, support: satisfied, seed: seed, name: name)
  }

  /// Mean of the values that are marked minus mean of the others; 0 if either is empty.
  private static func difference(_ values: [Double], _ marks: [Bool]) -> Double {
    let count = marks.count { $0 }
    guard count > 0, count < values.count else { return 0 }
    let total = values.reduce(0, +)
    let marked = zip(values, marks).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    return marked / Double(count) - (total - marked) / Double(values.count - count)
  }

  /// Ranks from 0 to 1, ties by the mean.
  private static func relativeRanks(_ values: [Double]) -> [Double] {
    guard values.count > 1 else { return values.map { _ in 0.5 } }
    return values.map { value in
      let below = values.count { $0 < value }
      let equal = values.count { $0 == value }
      return (Double(below) + Double(equal - 1) / 2) / Double(values.count - 1)
    }
  }

  private static func permutationTest(_ values: [Double], support marks: [Bool], seed: UInt64, name: String) -> Double {
    let count = marks.count { $0 }
    let mean = values.reduce(0, +) / Double(values.count)
    let centred = values.map { $0 - mean }
    let observed = abs(zip(centred, marks).reduce(0) { $0 + ($1.1 ? $1.0 : 0) })
    var generator = Philox(seed: seed, stream: "permutation-\(name)")
    var shuffled = centred
    var asLarge = 0
    // The values sum to zero, so the smaller side decides as well as the larger.
    let drawn = min(count, centred.count - count)
    for _ in 0..<permutations {
      var sum = 0.0
      for index in 0..<drawn {
        shuffled.swapAt(index, index + generator.next(below: shuffled.count - index))
        sum += shuffled[index]
      }
      if abs(sum) >= observed - 1e-12 { asLarge += 1 }
    }
    return Double(asLarge + 1) / Double(permutations + 1)
  }
}
