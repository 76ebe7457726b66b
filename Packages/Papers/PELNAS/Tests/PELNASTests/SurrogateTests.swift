import JSONC
import PELNAS
import ReproductionKit
import Testing
import TinyTensor

@Suite struct SurrogateTests {
  private func problem(rows: Int, columns: Int, seed: UInt64) throws -> (FeatureMatrix, [Float]) {
    var generator = Philox(seed: seed, stream: "problem")
    let list = (0..<columns).map { _ in (0..<rows).map { _ in (generator.normal() * 8).rounded() / 4 } }
    let labels = (0..<rows).map { row in list[0][row] * 2 + abs(list[columns - 1][row]) + 0.1 * generator.normal() }
    return (try FeatureMatrix(columns: list), labels)
  }

  /// The first tree of a fit without sampling, by trying every split of every node in double precision.
  private func slowTree(
    _ x: FeatureMatrix, _ gradients: [Double], rows: [Int], depth: Int
  ) -> (_ row: Int) -> Double {
    let sum = rows.reduce(0) { $0 + gradients[$1] }
    let weight = -sum / (Double(rows.count) + 1)
    guard depth > 0 else { return { _ in weight } }
    var best: (gain: Double, column: Int, threshold: Float)?
    for column in 0..<x.columns {
      let values = Set(rows.map { x[$0, column] }).sorted()
      for (low, high) in zip(values, values.dropFirst()) {
        let left = rows.filter { x[$0, column] <= low }
        let leftSum = left.reduce(0) { $0 + gradients[$1] }
        let rest = sum - leftSum
        let gain =
          leftSum * leftSum / (Double(left.count) + 1) + rest * rest / (Double(rows.count - left.count) + 1)
          - sum * sum / (Double(rows.count) + 1)
        if gain > (best?.gain ?? 1e-9) { best = (gain, column, low + (high - low) / 2) }
      }
    }
    guard let best else { return { _ in weight } }
    let left = slowTree(
      x, gradients, rows: rows.filter { x[$0, best.column] < best.threshold }, depth: depth - 1)
    let right = slowTree(
      x, gradients, rows: rows.filter { x[$0, best.column] >= best.threshold }, depth: depth - 1)
    return { x[$0, best.column] < best.threshold ? left($0) : right($0) }
  }

  @Test func oneTreeEqualsTheSlowReference() throws {
    let (x, y) = try problem(rows: 60, columns: 4, seed: 3)
    var parameters = BoostedTrees.Parameters()
    parameters.trees = 1
    parameters.rate = 1
    parameters.sampling = 1
    let fitted = try BoostedTrees.fit(x, y, parameters)
    let mean = Double(fitted.base)
    let slow = slowTree(x, y.map { mean - Double($0) }, rows: Array(0..<60), depth: 5)
    for (row, value) in fitted.predict(x).enumerated() {
      #expect(abs(Double(value) - (mean + slow(row))) < 1e-4)
    }
  }

  /// What a file of trees says, to be walked one row and one tree at a time.
  private struct WrittenTrees: Decodable {
    let base: Float
    let splitColumns: [Int]
    let thresholds: [Float]
    let leaves: [Float]

    func predict(_ x: FeatureMatrix, row: Int) -> Float {
      (0..<leaves.count / 32).reduce(base) { sum, tree in
        var node = 0
        while node < 31 {
          let split = 31 * tree + node
          node = 2 * node + (x[row, splitColumns[split]] < thresholds[split] ? 1 : 2)
        }
        return sum + leaves[32 * tree + node - 31]
      }
    }
  }

  /// Hundreds of thresholds per column, more than a byte tells apart, and rows that the fit has not seen.
  @Test func predictionsEqualASlowWalkToTheBit() throws {
    var generator = Philox(seed: 9, stream: "walk")
    func columns(_ rows: Int) -> [[Float]] { (0..<3).map { _ in (0..<rows).map { _ in generator.normal() } } }
    let training = columns(600)
    let labels = (0..<600).map { training[0][$0] * training[1][$0] + training[2][$0] }
    let trees = try BoostedTrees.fit(FeatureMatrix(columns: training), labels, .init())
    let written = try JSON.decode(WrittenTrees.self, from: JSON.encode(trees))
    #expect(Set(zip(written.splitColumns, written.thresholds).filter { $0.0 == 0 }.map(\.1)).count > 255)
    let fresh = try FeatureMatrix(columns: columns(1_000))
    #expect(trees.predict(fresh) == (0..<1_000).map { written.predict(fresh, row: $0) })
  }

  @Test(arguments: [1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1_500])
  func predictionsDoNotDependOnTheNumberOfRows(rows: Int) throws {
    let (x, y) = try problem(rows: 200, columns: 5, seed: 1)
    let trees = try BoostedTrees.fit(x, y, .init())
    let (more, _) = try problem(rows: 1_500, columns: 5, seed: 2)
    let all = trees.predict(more)
    #expect(trees.predict(more.selecting(Array(0..<rows))) == Array(all.prefix(rows)))
    let single = Threads.withCount(1) { trees.predict(more) }
    #expect(single == all)
  }

  @Test func boostingLearns() throws {
    let (x, y) = try problem(rows: 300, columns: 6, seed: 5)
    let trees = try BoostedTrees.fit(x.selecting(Array(0..<200)), Array(y.prefix(200)), .init())
    let estimate = trees.predict(x.selecting(Array(200..<300))).map(Double.init)
    #expect(Statistics.spearman(estimate, y.suffix(100).map(Double.init)) > 0.9)
  }

  @Test func fitsRepeatAndFilesRoundTrip() throws {
    let (x, y) = try problem(rows: 80, columns: 5, seed: 4)
    let trees = try BoostedTrees.fit(x, y, .init())
    #expect(try BoostedTrees.fit(x, y, .init()) == trees)
    #expect(try JSON.decode(BoostedTrees.self, from: JSON.encode(trees)) == trees)
    var other = BoostedTrees.Parameters()
    other.seed = 1
    #expect(try BoostedTrees.fit(x, y, other) != trees)
  }

  @Test func degenerateLabelsGiveTheirMean() throws {
    let (x, _) = try problem(rows: 20, columns: 3, seed: 6)
    let flat = try BoostedTrees.fit(x, [Float](repeating: 4, count: 20), .init())
    #expect(flat.isConstant && flat.predict(x) == [Float](repeating: 4, count: 20))
    let few = try BoostedTrees.fit(x.selecting(Array(0..<9)), [1, 2, 3, 4, 5, 6, 7, 8, 9], .init())
    #expect(few.isConstant && few.base == 5)
    #expect(throws: PELNASError.self) { try BoostedTrees.fit(x, [1, 2], .init()) }
    #expect(throws: PELNASError.self) { try BoostedTrees.fit(x, [Float](repeating: .nan, count: 20), .init()) }
    #expect(throws: PELNASError.self) { try FeatureMatrix(columns: [[1, .nan]]) }
    #expect(throws: PELNASError.self) { try FeatureMatrix(columns: [[1, 2], [1]]) }
  }

  @Test func constantColumnsAreHarmless() throws {
    let (x, y) = try problem(rows: 50, columns: 2, seed: 7)
    let columns = (0..<2).map { column in (0..<50).map { x[$0, column] } } + [[Float](repeating: -1e8, count: 50)]
    let trees = try BoostedTrees.fit(FeatureMatrix(columns: columns), y, .init())
    #expect(trees.predict(try FeatureMatrix(columns: columns)).allSatisfy(\.isFinite))
  }

  @Test(.enabled(if: hasTables, "the tables are not on this machine"))
  func aHundredLabelsOrderTheSpace() throws {
    let benchmark = try sharedBenchmark.get()
    let task = try SearchTask(benchmark, .cifar10, on: .named("fpga"))
    let features = try PredictorFeatures(benchmark, .cifar10)
    let estimate = try AccuracyPredictor.fit(features, task, labels: 100, seed: 1).estimate(features)
    let correlation = Statistics.spearman(
      task.usable.map { estimate.mean[$0.code] }, task.usable.map { task.accuracies[$0.code] })
    #expect(correlation > 0.9)
    #expect(task.usable.allSatisfy { estimate.spread[$0.code] >= 0 })
  }
}
