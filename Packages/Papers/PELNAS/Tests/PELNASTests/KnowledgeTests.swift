import JSONC
import PELNAS
import Testing
import TinyTensor

@Suite struct KnowledgeTests {
  /// Cells whose accuracy is 90 with a skip on edge 0→3 and 80 without, at equal latency.
  private var cells: [ScoredCell] {
    stride(from: 7, to: Cell.spaceSize, by: 701).map { code in
      let cell = Cell.all[code]
      return ScoredCell(cell, cost: 2, accuracy: cell[3] == .skip ? 90 + Double(code % 3) : 80 + Double(code % 5))
    }
  }

  private func rule(_ conditions: [RuleAtom], _ polarity: Rule.Polarity) -> Rule {
    Rule(
      id: "r", polarity: polarity, goal: .accuracy, niche: 0, conditions: conditions, text: "", source: "test", born: 1)
  }

  @Test func evidenceConfirmsAndRefutes() {
    var good = rule([.edge(3, .skip)], .prefer)
    good.test(on: cells, seed: 1)
    var bad = rule([.edge(3, .skip)], .avoid)
    bad.test(on: cells, seed: 1)
    var idle = rule([.edge(3, .skip), .count(.none, .atLeast, 6)], .prefer)
    idle.test(on: cells, seed: 1)
    #expect(good.status == .active && bad.status == .refuted && idle.status == .weak)
    #expect((good.evidence?.deltaAccuracy ?? 0) > 5 && (good.evidence?.p ?? 1) < 0.05)
    #expect(good.evidence?.deltaLatency == 0 && good.strength > 1 && bad.strength == 0)
  }

  @Test func permutationsAreCalibrated() {
    // Accuracies that have nothing to do with the rule: p < 0.1 in about a tenth of the cases.
    var generator = Philox(seed: 8, stream: "noise")
    var small = 0
    for trial in 0..<200 {
      let noise = (0..<40).map { _ in
        ScoredCell(Cell.all[generator.next(below: Cell.spaceSize)], cost: 1, accuracy: Double(generator.normal()))
      }
      var idle = rule([.edge(0, .conv3x3)], .prefer)
      idle.id = "r\(trial)"
      idle.test(on: noise, seed: 3)
      small += (idle.evidence?.p ?? 1) < 0.1 ? 1 : 0
    }
    #expect((5...45).contains(small))
  }

  @Test func theMinerFindsWhatDividesTheCells() {
    let mined = RuleMiner.mine(cells, known: [], niche: 0, generation: 2)
    #expect(mined.first?.conditions == [.edge(3, .skip)] && mined.first?.polarity == .prefer)
    #expect(
      RuleMiner.mine(cells, known: mined, niche: 0, generation: 3).allSatisfy {
        !mined.map(\.conditions).contains($0.conditions)
      })
    #expect(RuleMiner.mine(Array(cells.prefix(5)), known: [], niche: 0, generation: 1).isEmpty)
  }

  @Test func conditionsRoundTripThroughJSON() throws {
    let atoms: [RuleAtom] = [.edge(5, .none), .count(.conv1x1, .exactly, 2), .pathLength(.atMost, 3)]
    #expect(try JSON.decode([RuleAtom].self, from: JSON.encode(atoms)) == atoms)
    let cell = try Cell(word: "302001")
    #expect(RuleAtom.edge(5, .skip).holds(for: cell) && RuleAtom.count(.conv1x1, .exactly, 1).holds(for: cell))
    #expect(RuleAtom.pathLength(.exactly, 2).holds(for: cell))
  }
}
