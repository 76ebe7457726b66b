import PELNAS
import Testing
import TinyTensor

@Suite struct PartitionTests {
  @Test func thePapersSixNichesHaveTheirSizes() {
    let partition = Partition.conv3x3
    let sizes = partition.automata.map(\.count)
    #expect(sizes == [729, 3_367, 6_144, 3_840, 1_280, 265])
    let connected = (0..<6).map { niche in Cell.all.count { partition.niche(of: $0) == niche && $0.isConnected } }
    #expect(connected == [662, 3_265, 6_010, 3_805, 1_277, 265])
  }

  private func partitions() throws -> [Partition] {
    let task = try syntheticTask()
    return [
      .conv3x3, .none, .random(6, seed: 2), .flopsQuantile(6), .costQuantile(task, 10), .tree(task, depth: 2, seed: 1),
    ]
  }

  @Test func everyPartitionCoversTheSpaceOnce() throws {
    for partition in try partitions() {
      #expect(partition.automata.map(\.count).reduce(0, +) == Cell.spaceSize)
      #expect(Cell.all.allSatisfy { partition.automata[partition.niche(of: $0)].contains($0) })
    }
  }

  /// Appendix B's recursion on (position, 3×3, 1×1), the slow reference of the automaton.
  private func alive(_ position: Int, _ threes: Int, _ ones: Int, niche: Int) -> Int {
    guard position < 6 else { return (threes == 0 ? (ones == 0 ? 0 : 1) : min(threes, 4) + 1) == niche ? 1 : 0 }
    return (0..<5).reduce(0) { sum, digit in
      sum + alive(position + 1, threes + (digit == 3 ? 1 : 0), ones + (digit == 2 ? 1 : 0), niche: niche)
    }
  }

  @Test func automataCountCompletionsLikeTheRecursion() throws {
    var generator = Philox(seed: 4, stream: "prefixes")
    for _ in 0..<60 {
      let cell = Cell.all[generator.next(below: Cell.spaceSize)]
      let position = generator.next(below: 6)
      let digits = cell.operations.prefix(position).map(\.rawValue)
      let prefix = digits.reduce(0) { 5 * $0 + Int($1) }
      for niche in 0..<6 {
        let counts = Partition.conv3x3.automata[niche].completions(after: prefix, position: position)
        let expected = (0..<5 as Range<UInt8>).map { digit in
          let all = digits + [digit]
          return alive(position + 1, all.count { $0 == 3 }, all.count { $0 == 2 }, niche: niche)
        }
        #expect(counts == expected)
      }
    }
  }

  @Test func drawsStayInTheirNiche() {
    var generator = Philox(seed: 9, stream: "draws")
    for niche in 0..<6 {
      let automaton = Partition.conv3x3.automata[niche]
      for _ in 0..<400 {
        // Weights that only want pooling: the mask must win.
        let cell = automaton.draw(using: &generator) { _, digit in digit == 4 ? 1 : 0 }
        #expect(cell.map { Partition.conv3x3.niche(of: $0) } == niche)
        #expect(automaton.uniform(using: &generator).map { Partition.conv3x3.niche(of: $0) } == niche)
      }
    }
    #expect(CellAutomaton([]).uniform(using: &generator) == nil)
    #expect(CellAutomaton([]).draw(using: &generator) { _, _ in 1 } == nil)
  }

  /// 20 000 draws from 265 words: every word within five standard deviations of its expectation.
  @Test func uniformDrawsAreUniform() {
    var generator = Philox(seed: 5, stream: "uniform")
    var counts: [Cell: Int] = [:]
    for _ in 0..<20_000 { counts[Partition.conv3x3.automata[5].uniform(using: &generator) ?? .empty, default: 0] += 1 }
    let expected = 20_000.0 / 265
    #expect(counts.count == 265)
    #expect(counts.values.allSatisfy { abs(Double($0) - expected) < 5 * expected.squareRoot() })
  }
}

@Suite struct FrontTests {
  /// Ties of cost, of accuracy and of both, in random order.
  @Test func insertingIntoAFrontEqualsMakingItAnew() throws {
    var generator = Philox(seed: 2, stream: "front")
    for _ in 0..<50 {
      var front: [ScoredCell] = []
      var all: [ScoredCell] = []
      for code in 0..<60 {
        let cell = try Cell(code: code * 7919 % 15_625)
        let scored = ScoredCell(
          cell, cost: Double(generator.next(below: 12)), accuracy: Double(generator.next(below: 12)))
        all.append(scored)
        front.insertIntoFront(scored)
        #expect(front == all.front())
      }
    }
  }
}
