import PELNAS
import Testing
import TinyTensor

@Suite struct IndicatorTests {
  private func points(_ count: Int, seed: UInt64, levels: Int = 20) -> [ScoredCell] {
    var generator = Philox(seed: seed, stream: "points")
    return (0..<count).map { _ in
      ScoredCell(
        Cell.all[generator.next(below: Cell.spaceSize)], cost: Double(generator.next(below: levels)) / 10,
        accuracy: Double(generator.next(below: levels)))
    }
  }

  /// Dominated by definition: another point is no worse in both and better in one.
  private func slowFront(_ points: [ScoredCell]) -> Set<SIMD2<Double>> {
    Set(
      points.filter { point in
        !points.contains { other in
          other.cost <= point.cost && other.accuracy >= point.accuracy
            && (other.cost < point.cost || other.accuracy > point.accuracy)
        }
      }.map { SIMD2($0.cost, $0.accuracy) })
  }

  @Test(arguments: [0, 1, 2, 7, 60, 500])
  func frontsEqualTheDefinition(count: Int) {
    for seed in 0..<10 as Range<UInt64> {
      for levels in [3, 20, 100_000] {
        let points = points(count, seed: seed, levels: levels)
        let front = points.front()
        #expect(Set(front.map { SIMD2($0.cost, $0.accuracy) }) == slowFront(points))
        #expect(Set(front.map { SIMD2($0.cost, $0.accuracy) }).count == front.count)
      }
    }
  }

  @Test func frontsDoNotDependOnOrder() {
    let points = points(300, seed: 3)
    #expect(points.front() == points.reversed().front())
    #expect(points.front() == (points + points).front())
  }

  /// Counts the cells of a fine grid that some point dominates.
  private func slowVolume(_ points: [SIMD2<Double>], steps: Int) -> Double {
    var count = 0
    for row in 0..<steps {
      for column in 0..<steps {
        let middle = SIMD2(Double(column) + 0.5, Double(row) + 0.5) / Double(steps)
        if points.contains(where: { $0.x < middle.x && $0.y < middle.y }) { count += 1 }
      }
    }
    return Double(count) / Double(steps * steps)
  }

  private func grid(_ count: Int, seed: UInt64) -> [SIMD2<Double>] {
    var generator = Philox(seed: seed, stream: "grid")
    return (0..<count).map { _ in SIMD2(Double(generator.next(below: 24)), Double(generator.next(below: 24))) / 20 }
  }

  @Test func hypervolumeEqualsCounting() {
    for seed in 0..<20 as Range<UInt64> {
      let points = grid(Int(seed), seed: seed)
      let volume = Indicators.hypervolume(points, reference: SIMD2(1, 1))
      #expect(abs(volume - slowVolume(points, steps: 20)) < 1e-12)
    }
  }

  @Test func addingAPointNeverLowersTheHypervolume() {
    for seed in 0..<20 as Range<UInt64> {
      var volume = 0.0
      var found: [SIMD2<Double>] = []
      for point in grid(30, seed: seed) {
        found.append(point)
        let next = Indicators.hypervolume(found, reference: SIMD2(1.1, 1.1))
        #expect(next >= volume)
        volume = next
        #expect(Indicators.hypervolume(found.reversed(), reference: SIMD2(1.1, 1.1)) == volume)
        #expect(Indicators.hypervolume(found + found, reference: SIMD2(1.1, 1.1)) == volume)
      }
    }
  }

  @Test func edgeCases() {
    #expect(Indicators.hypervolume([], reference: SIMD2(1, 1)) == 0)
    #expect(Indicators.hypervolume([SIMD2(2, 0), SIMD2(1, 0)], reference: SIMD2(1, 1)) == 0)
    #expect(Indicators.hypervolume([SIMD2(0, 0)], reference: SIMD2(1, 1)) == 1)
    #expect(Indicators.invertedGenerationalDistance([], front: [SIMD2(0, 0)]) == .infinity)
    #expect(Indicators.invertedGenerationalDistance([SIMD2(3, 4)], front: [SIMD2(0, 0)]) == 5)
    #expect(Indicators.invertedGenerationalDistancePlus([SIMD2(-3, 4)], front: [SIMD2(0, 0)]) == 4)
  }

  @Test func theTrueFrontScoresOne() throws {
    let task = try syntheticTask()
    let quality = task.quality(of: task.front.map(\.cell))
    #expect(quality.hvFull == 1 && quality.hvFront == 1 && quality.hit == 1)
    #expect(quality.igdFull == 0 && quality.igdFront == 0 && quality.igdPlusFront == 0)
    #expect(task.quality(of: [Cell]()).hvFront == 0)
    #expect(task.quality(of: Cell.all).hvFront == 1)
  }

  @Test func disconnectedCellsNeverEnterAFront() throws {
    let task = try syntheticTask()
    #expect(task.front.allSatisfy { $0.cell.isConnected })
    #expect(task.score([Cell.empty]).isEmpty)
  }
}
