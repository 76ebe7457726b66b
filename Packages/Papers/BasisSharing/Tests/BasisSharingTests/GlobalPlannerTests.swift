import BasisSharing
import LanguageModel
import ReproductionKit
import Testing

@Suite struct GlobalPlannerTests {
  @Test func plansMeetTheirBudgetAndTheirBound() throws {
    let (_, compressor, _) = try Fixtures.compressor()
    let planner = try GlobalPlanner(compressor, longest: 2)
    let shapes = compressor.shapes
    var losses: [Double] = []
    for ratio in [0.1, 0.3, 0.5, 0.7] {
      let solution = try planner.plan(ratio: ratio)
      try solution.plan.check(shapes)
      #expect(solution.parameters == solution.plan.parameters(shapes))
      #expect(solution.plan.ratio(shapes) >= ratio)
      #expect(solution.lowerBound <= solution.loss)
      // A price buys whole segments; what one too few leaves unused is spent rank by rank.
      #expect(solution.loss - solution.lowerBound < 0.04 * max(solution.loss, 0.1))
      let uniform = try SharingPlan.paper(shared: [], groupSize: 1, ratio: ratio, shapes: shapes)
      #expect(try solution.loss <= loss(of: uniform, compressor))
      losses.append(solution.loss)
    }
    #expect(zip(losses, losses.dropFirst()).allSatisfy(<))
  }

  @Test func planningStopsWhenAsked() throws {
    let (_, compressor, _) = try Fixtures.compressor()
    for request in [PlanRequest.optimal(longest: 2, ratio: 0.2), .auto(ratio: 0.2)] {
      var asked = 0
      #expect(throws: Interrupted.self) {
        try request.plan(compressor) {
          asked += 1
          return asked == 3
        }
      }
    }
  }

  @Test func impossibleBudgetsAreRefused() throws {
    let (_, compressor, _) = try Fixtures.compressor()
    #expect(throws: BasisSharingError.self) { try GlobalPlanner(compressor, longest: 0) }
    let planner = try GlobalPlanner(compressor, longest: 1)
    #expect(throws: BasisSharingError.self) { try planner.plan(parameters: 10) }
    #expect(throws: BasisSharingError.invalidRatio(0)) { try planner.plan(ratio: 0) }
  }

  /// The planner's measure for any plan: tails relative to ‖XW‖², each layer counting once.
  private func loss(of plan: SharingPlan, _ compressor: Compressor) throws -> Double {
    try plan.groups.reduce(0) { sum, group in
      let spectrum = try compressor.spectrum(group.site, layers: group.layers)
      return sum + Double(group.layers.count) * spectrum.tailLoss(rank: group.rank) / spectrum.total
    }
  }
}
