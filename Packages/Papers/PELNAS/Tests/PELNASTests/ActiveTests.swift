import Foundation
import PELNAS
import Testing
import TinyTensor

@Suite struct ActiveSearchTests {
  private static func surrogates() throws -> [any AccuracySurrogate] {
    [
      try ProcessSurrogate(syntheticBenchmark, .cifar10),
      TreeSurrogate(try PredictorFeatures(syntheticBenchmark, .cifar10, includesWord: true)),
    ]
  }

  @Test(arguments: 0..<2)
  func everyCellIsLabelledOnce(index: Int) throws {
    let task = try syntheticTask()
    let search = ActiveSurrogateSearch(try Self.surrogates()[index])
    let cells = try search.run(task, budget: 130, seed: 1)
    #expect(cells.count == 130 && Set(cells).count == 130 && cells.allSatisfy(task.isUsable))
    #expect(try search.run(task, budget: 130, seed: 1) == cells)
    #expect(try search.run(task, budget: 80, seed: 2) != Array(cells.prefix(80)))
    let chance = RandomSearch().run(task, .truth(task), budget: 130, seed: 1)
    #expect(task.hvFront(of: cells) > task.hvFront(of: chance))
  }

  @Test func theCheapestCellIsLabelledFirst() throws {
    let task = try syntheticTask()
    for surrogate in try Self.surrogates() {
      let first = try #require(try ActiveSurrogateSearch(surrogate).run(task, budget: 1, seed: 5).first)
      #expect(task.costs[first.code] == task.usable.map { task.costs[$0.code] }.min())
    }
  }

  @Test func nominationsAreLabelledFirst() throws {
    let task = try syntheticTask()
    let search = ActiveSurrogateSearch(
      try Self.surrogates()[0], nominate: { _, _ in [Cell.empty] + task.front.map(\.cell) })
    let cells = try search.run(task, budget: 100, seed: 1)
    let front = Set(task.front.map(\.cell))
    #expect(cells[48..<53].allSatisfy(front.contains))
    #expect(Set(cells).count == 100)
  }
}

@Suite struct GaussianProcessTests {
  private let rows = 40

  private func groups(_ seed: UInt64 = 1) -> [GaussianProcess.Group] {
    var generator = Philox(seed: seed, stream: "process")
    return [
      GaussianProcess.Group(
        Tensor.uniform([rows, 3], in: -1...1, using: &generator), lengthScales: [1, 2]),
      GaussianProcess.Group(
        Tensor.uniform([rows, 2], in: -1...1, using: &generator), lengthScales: [2]),
    ]
  }

  /// A smooth function of the first group.
  private func labels() -> [Double] {
    var generator = Philox(seed: 1, stream: "process")
    let values = Tensor.uniform([rows, 3], in: -1...1, using: &generator).scalars.map(Double.init)
    return (0..<rows).map { row -> Double in
      let (x, y, z) = (values[3 * row], values[3 * row + 1], values[3 * row + 2])
      return sin(2 * x) + 0.5 * y - x * z
    }
  }

  @Test func labelsAreFoundAgainAndUnknownRowsAreLessCertain() throws {
    let labels = labels()
    let known = Array(0..<30)
    let process = try GaussianProcess.fit(groups(), rows: known, labels: Array(labels.prefix(30)))
    let (mean, deviation) = process.predict(Array(0..<rows))
    for row in known { #expect(abs(mean[row] - labels[row]) < 0.1) }
    let errors = (30..<rows).map { abs(mean[$0] - labels[$0]) }
    #expect(errors.reduce(0, +) / 10 < 0.25)
    #expect(deviation[30...].min() ?? 0 > deviation[..<30].reduce(0, +) / 30)
  }

  /// Scaling and shifting the labels scales and shifts the prediction.
  @Test func predictionsFollowTheScaleOfTheLabels() throws {
    let labels = labels()
    let plain = try GaussianProcess.fit(groups(), rows: Array(0..<rows), labels: labels).predict([3, 5])
    let moved = try GaussianProcess.fit(groups(), rows: Array(0..<rows), labels: labels.map { 10 * $0 + 7 })
      .predict([3, 5])
    for index in 0..<2 {
      #expect(abs(moved.mean[index] - 10 * plain.mean[index] - 7) < 1e-3)
      #expect(abs(moved.deviation[index] - 10 * plain.deviation[index]) < 1e-3)
    }
  }

  @Test func labelsThatAreNoLabelsAreErrors() {
    #expect(throws: PELNASError.self) { try GaussianProcess.fit(groups(), rows: [0, 1], labels: [1]) }
    #expect(throws: PELNASError.self) { try GaussianProcess.fit(groups(), rows: [0, 1], labels: [1, .nan]) }
    #expect(throws: PELNASError.self) { try GaussianProcess.fit(groups(), rows: [0], labels: [1]) }
  }

  @Test func equalLabelsGiveTheirValue() throws {
    let process = try GaussianProcess.fit(groups(), rows: Array(0..<12), labels: Array(repeating: 4, count: 12))
    #expect(process.predict([20]).mean == [4])
  }
}

@Suite struct ChoiceBiasTests {
  @Test func evenChoicesHaveNoBias() {
    let even = [[Double]](repeating: [0.5, 0, 0, 0.5, 0], count: 6)
    let bias = ChoiceBias([even, even])
    #expect(bias.divergences.allSatisfy { abs($0) < 1e-12 })
    #expect(bias.probabilities == even)
    #expect(ChoiceBias.divergenceBetween([bias, bias]).allSatisfy { abs($0) < 1e-12 })
  }

  @Test func aCertainChoiceAmongFiveIsLogFive() {
    let sure = [[Double]](repeating: [1 - 4e-15, 1e-15, 1e-15, 1e-15, 1e-15], count: 6)
    #expect(ChoiceBias([sure]).divergences.allSatisfy { abs($0 - log(5)) < 1e-9 })
  }

  @Test func nichesWithOppositeChoicesDifferByLogTwo() {
    let first = ChoiceBias([[[Double]](repeating: [1, 0, 0, 0, 0], count: 6)])
    let second = ChoiceBias([[[Double]](repeating: [0, 0, 0, 0, 1], count: 6)])
    #expect(ChoiceBias.divergenceBetween([first, second]).allSatisfy { abs($0 - log(2)) < 1e-12 })
  }
}
