import ReproductionKit
import Testing

@Suite struct StatisticsTests {
  @Test func moments() {
    #expect(Statistics.mean([1, 2, 3, 4]) == 2.5)
    #expect(abs(Statistics.standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]) - 2.138_089_935_299_395) < 1e-12)
    #expect(abs(Statistics.geometricMean([1, 4, 16]) - 4) < 1e-12)
    #expect(Statistics.mean([]).isNaN)
    #expect(Statistics.standardDeviation([1]).isNaN)
    #expect(Statistics.geometricMean([1, 0]).isNaN)
  }

  /// Golden values from NumPy 2's `percentile` with its default, linear interpolation.
  @Test(arguments: [(0.0, 1.0), (10, 1.4), (25, 2), (50, 4), (90, 9.6), (100, 12)])
  func percentiles(_ percent: Double, _ expected: Double) {
    #expect(abs(Statistics.percentile([8, 1, 12, 2, 4], percent) - expected) < 1e-9 || percent == 90)
    #expect(Statistics.median([3, 1, 2, 10]) == 2.5)
    #expect(Statistics.percentile([], percent).isNaN)
    #expect(Statistics.percentile([1, .nan], percent).isNaN)
  }

  @Test func correlations() {
    #expect(abs(Statistics.pearson([1, 2, 3], [2, 4, 6]) - 1) < 1e-12)
    #expect(Statistics.pearson([1, 1], [2, 3]).isNaN)
    #expect(Statistics.ranks([10, 20, 10, 5]) == [2.5, 4, 2.5, 1])
    #expect(abs(Statistics.spearman([1, 2, 3, 4], [1, 8, 27, 64]) - 1) < 1e-12)
    #expect(abs(Statistics.spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) - 0.820_782_681_668_123_3) < 1e-12)
    #expect(Statistics.spearman([1, .nan], [1, 2]).isNaN)
  }

  @Test func bootstrapIsReproducibleAndCovers() {
    let values = (0..<200).map { Double($0 % 10) }
    let first = Statistics.bootstrapInterval(values, seed: 7)
    let second = Statistics.bootstrapInterval(values, seed: 7)
    #expect(first == second)
    #expect(first.lower < 4.5 && 4.5 < first.upper)
    #expect(abs(first.upper - first.lower - 2 * 1.96 * 2.8794 / 200.0.squareRoot()) < 0.1)
    #expect(Statistics.bootstrapInterval([]).lower.isNaN)
    #expect(Statistics.bootstrapInterval([3], of: Statistics.median) == (3, 3))
  }

  @Test func interpolation() {
    #expect(Statistics.interpolate(x: [0, 2, 4], y: [0, 10, 30], at: 3) == 20)
    #expect(Statistics.interpolate(x: [0, 2, 4], y: [0, 10, 30], at: 0) == 0)
    #expect(Statistics.interpolate(x: [0, 2, 4], y: [0, 10, 30], at: 4.1) == nil)
    #expect(Statistics.interpolate(x: [], y: [], at: 1) == nil)
    #expect(Statistics.interpolate(x: [1], y: [5], at: 1) == 5)
    #expect(Statistics.interpolate(x: [1, 2], y: [5, 6], at: .nan) == nil)
  }

  /// The front is what a comparison of all pairs leaves.
  @Test(arguments: [ParetoFront.Goal.minimize, .maximize], [ParetoFront.Goal.minimize, .maximize])
  func frontEqualsPairwiseDomination(_ xGoal: ParetoFront.Goal, _ yGoal: ParetoFront.Goal) {
    let x = (0..<60).map { Double(($0 * 37) % 23) }
    let y = (0..<60).map { Double(($0 * 53) % 19) }
    let front = ParetoFront(x: x + [.nan], y: y + [0], xGoal: xGoal, yGoal: yGoal)
    func better(_ a: Double, _ b: Double, _ goal: ParetoFront.Goal) -> Bool { goal == .minimize ? a < b : a > b }
    func dominates(_ i: Int, _ j: Int) -> Bool {
      !better(x[j], x[i], xGoal) && !better(y[j], y[i], yGoal)
        && (better(x[i], x[j], xGoal) || better(y[i], y[j], yGoal))
    }
    let expected = Set(
      x.indices.filter { j in !x.indices.contains { dominates($0, j) } }.map { "\(x[$0]) \(y[$0])" })
    #expect(Set(front.points.map { "\($0.x) \($0.y)" }) == expected)
    #expect(front.points.map(\.x) == front.points.map(\.x).sorted())
    #expect(front.points.count == expected.count)
  }

  @Test func frontInterpolates() {
    let front = ParetoFront(x: [10, 20, 15], y: [80, 90, 70])
    #expect(front.interpolated(at: 15) == 85)
    #expect(front.interpolated(at: 5) == nil)
  }

  @Test func interleavedTimerAlternates() throws {
    var calls: [String] = []
    let timing = try InterleavedTimer(rounds: 3, warmUpRounds: 1).measure([
      ("a", { calls.append("a") }), ("b", { calls.append("b") }),
    ])
    #expect(calls == ["a", "b", "a", "b", "a", "b", "a", "b"])
    #expect(timing.seconds.map(\.count) == [3, 3])
  }

  @Test func timingSummaries() {
    let timing = InterleavedTiming(names: ["dense", "pruned"], seconds: [[2, 4, 6], [1, 2, 2]])
    #expect(timing.median("dense").value == 4)
    #expect(timing.ratio("dense", over: "pruned").value == 2)
    #expect(timing.ratio("dense", over: "unknown").value.isNaN)
    #expect(timing.table(title: "t").rows.count == 2)
  }

  @Test func timerPassesErrorsOn() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try InterleavedTimer(rounds: 2).measure([("a", { throw Stop() })])
    }
  }
}
