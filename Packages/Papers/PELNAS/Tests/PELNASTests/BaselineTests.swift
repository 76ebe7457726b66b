import PELNAS
import Testing

@Suite struct BaselineTests {
  private var methods: [any SearchMethod] {
    [
      RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), AgingEvolution(),
      ParetoLocalSearch(),
    ]
  }

  @Test func everyMethodKeepsItsBudgetAndRepeats() throws {
    let task = try syntheticTask()
    for method in methods {
      for budget in [1, 20, 120, 300] {
        let cells = method.run(task, .truth(task), budget: budget, seed: 3)
        #expect(cells.count == budget, "\(method.name)")
        #expect(cells == method.run(task, .truth(task), budget: budget, seed: 3), "\(method.name)")
      }
      let other = method.run(task, .truth(task), budget: 60, seed: 4)
      #expect(other != method.run(task, .truth(task), budget: 60, seed: 3), "\(method.name)")
    }
  }

  @Test func evolutionBeatsChance() throws {
    let task = try syntheticTask()
    func mean(_ method: any SearchMethod) -> Double {
      (0..<10 as Range<UInt64>).map { seed in
        task.hvFront(of: method.run(task, .truth(task), budget: 300, seed: seed))
      }.reduce(0, +) / 10
    }
    let chance = mean(RandomSearch())
    #expect(mean(NSGA2()) > chance)
    #expect(mean(ParetoLocalSearch()) > chance)
    #expect(mean(AgingEvolution()) > chance)
    #expect(task.quality(of: ExhaustiveSearch().run(task, .truth(task), budget: 0, seed: 0)).hit == 1)
  }

  @Test func theFrontByEstimateIsRescored() throws {
    let task = try syntheticTask()
    let backwards = SearchEstimates(
      name: "backwards", evidence: .predicted, accuracies: task.accuracies.map { -$0 }, labelCost: 0)
    #expect(
      task.quality(of: task.usable, by: backwards).hvFront < task.quality(of: task.usable, by: .truth(task)).hvFront)
  }

  @Test func qualityDiversityKeepsItsBudget() async throws {
    let task = try syntheticTask()
    let search = QualityDiversitySearch(task: task, estimates: .truth(task), proposer: UniformProposer(.none))
    let cells = try await search.run(budget: 120, seed: 1)
    #expect(cells.count == 120 && Set(cells).count == 120)
  }

  @Test func activeSearchLabelsEachCellOnce() throws {
    let task = try syntheticTask()
    let features = try PredictorFeatures(syntheticBenchmark, .cifar10, includesWord: true)
    let search = ActiveSurrogateSearch(features: features)
    let cells = try search.run(task, budget: 130, seed: 1)
    #expect(cells.count == 130 && Set(cells).count == 130 && cells.allSatisfy(task.isUsable))
    #expect(try search.run(task, budget: 130, seed: 1) == cells)
    let chance = RandomSearch().run(task, .truth(task), budget: 130, seed: 1)
    #expect(task.hvFront(of: cells) > task.hvFront(of: chance))
    let nominated = try ActiveSurrogateSearch(features: features, nominate: { _, _ in task.front.map(\.cell) })
      .run(task, budget: 130, seed: 1)
    #expect(Set(nominated.dropFirst(48)).intersection(task.front.map(\.cell)).count >= 5)
  }
}
