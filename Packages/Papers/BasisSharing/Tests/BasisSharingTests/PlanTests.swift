import BasisSharing
import Foundation
import JSONC
import LanguageModel
import Testing

@Suite struct PlanTests {
  private let shapes = ModelShapes(Fixtures.smol)

  /// The table of ranks of the specification, SmolLM2-135M: ratio, n, then query, key, output, gate, down.
  static let ranks: [(ratio: Double, size: Int, expected: [Int])] = [
    (0.2, 1, [230, 115, 230, 335, 335]), (0.2, 2, [307, 184, 307, 388, 526]), (0.2, 3, [345, 230, 345, 409, 650]),
    (0.2, 5, [384, 288, 384, 428, 801]), (0.3, 1, [201, 100, 201, 293, 293]), (0.3, 2, [268, 161, 268, 339, 460]),
    (0.4, 1, [172, 86, 172, 251, 251]), (0.4, 2, [230, 138, 230, 291, 394]), (0.5, 1, [144, 72, 144, 209, 209]),
    (0.5, 2, [192, 115, 192, 242, 329]),
  ]

  @Test(arguments: ranks)
  func ranksOfThePaper(ratio: Double, size: Int, expected: [Int]) {
    let sites: [LinearSite] = [.query, .key, .output, .gate, .down]
    #expect(sites.map { shapes.rank($0, groupSize: size, ratio: ratio) } == expected)
    #expect(shapes.rank(.value, groupSize: size, ratio: ratio) == expected[1])
    #expect(shapes.rank(.up, groupSize: size, ratio: ratio) == expected[3])
  }

  /// The cost table of the specification: preset, n, ratio, parameters and multiply-adds relative to dense.
  static let costs: [(preset: SharingPreset, size: Int, ratio: Double, parameters: Double, multiplyAdds: Double)] = [
    (.separate, 1, 0.2, 0.799, 0.799), (.separate, 1, 0.5, 0.499, 0.499), (.gqa, 2, 0.2, 0.800, 0.888),
    (.gqa, 2, 0.5, 0.499, 0.554), (.gqa, 3, 0.3, 0.699, 0.809), (.llama, 2, 0.4, 0.599, 0.688),
    (.llama, 5, 0.2, 0.799, 1.036), (.llama, 5, 0.5, 0.499, 0.647),
  ]

  @Test(arguments: costs)
  func parametersAndMultiplyAdds(
    preset: SharingPreset, size: Int, ratio: Double, parameters: Double, multiplyAdds: Double
  ) throws {
    let plan = try SharingPlan.paper(shared: preset.shared, groupSize: size, ratio: ratio, shapes: shapes)
    try plan.check(shapes)
    let total = Double(shapes.blockParameters)
    #expect(total == 106_168_320)
    #expect(abs(Double(plan.parameters(shapes)) / total - parameters) < 0.0011)
    #expect(abs(Double(plan.multiplyAdds(shapes)) / total - multiplyAdds) < 0.0011)
    #expect(plan.ratio(shapes) >= ratio)
  }

  @Test func aShortLastGroupHasARankOfItsOwn() throws {
    let plan = try SharingPlan.paper(shared: [.gate], groupSize: 4, ratio: 0.2, shapes: shapes)
    let gates = plan.groups.filter { $0.site == .gate }
    #expect(gates.map(\.layers.count) == [4, 4, 4, 4, 4, 4, 4, 2])
    #expect(gates.last?.rank == 388)
    let reference = try SharingPlan.paper(
      shared: [.gate], groupSize: 4, ratio: 0.2, shapes: shapes, referenceRanks: true)
    #expect(reference.groups.last { $0.site == .gate }?.rank == gates[0].rank)
    #expect(reference.parameters(shapes) > plan.parameters(shapes))
  }

  @Test func plansSurviveJSON() throws {
    let plan = try SharingPlan.paper(shared: SharingPreset.llama.shared, groupSize: 3, ratio: 0.3, shapes: shapes)
    #expect(try JSON.decode(SharingPlan.self, from: JSON.encode(plan)) == plan)
    let request = PlanRequest.optimal(longest: 3, ratio: 0.25)
    #expect(try JSON.decode(PlanRequest.self, from: JSON.encode(request)) == request)
  }

  @Test func impossibleSettingsAreNamed() {
    #expect(throws: BasisSharingError.invalidRatio(1)) {
      try SharingPlan.paper(shared: [], groupSize: 1, ratio: 1, shapes: shapes)
    }
    #expect(throws: BasisSharingError.invalidRatio(-0.1)) {
      try SharingPlan.paper(shared: [], groupSize: 1, ratio: -0.1, shapes: shapes)
    }
    for size in [0, 31] {
      #expect(throws: BasisSharingError.invalidGroupSize(size, layers: 30)) {
        try SharingPlan.paper(shared: [], groupSize: size, ratio: 0.2, shapes: shapes)
      }
    }
  }

  static let broken: [[SharingGroup]] = [
    [SharingGroup(site: .key, layers: [], rank: 4)], [SharingGroup(site: .key, layers: [1, 0], rank: 4)],
    [SharingGroup(site: .key, layers: [29, 30], rank: 4)], [SharingGroup(site: .key, layers: [-1, 0], rank: 4)],
    [SharingGroup(site: .key, layers: [0, 1], rank: 4), SharingGroup(site: .key, layers: [1, 2], rank: 4)],
  ]

  @Test(arguments: broken)
  func brokenPlansAreRefused(groups: [SharingGroup]) {
    let plan = SharingPlan(groups: groups)
    #expect {
      try plan.check(shapes)
    } throws: { error in
      guard case .invalidPlan = error as? BasisSharingError else { return false }
      return true
    }
  }

  @Test func ranksThatSaveNothingAreRefused() throws {
    // Break-even for a key matrix of its own: 576 · 192 / (576 + 192) = 144.
    #expect(shapes.rankLimit(.key, groupSize: 1) == 144)
    try SharingPlan(groups: [SharingGroup(site: .key, layers: [3], rank: 143)]).check(shapes)
    for rank in [0, 144] {
      #expect(throws: BasisSharingError.rankTooLarge(site: "key", layers: [3], rank: rank, limit: 144)) {
        try SharingPlan(groups: [SharingGroup(site: .key, layers: [3], rank: rank)]).check(shapes)
      }
    }
  }

  @Test func budgetsFindTheirRatio() throws {
    let (ratio, plan) = try BudgetPlanner.smallestRatio(
      for: "80 MB",
      plan: { try .paper(shared: SharingPreset.gqa.shared, groupSize: 2, ratio: $0, shapes: shapes) },
      meets: { $0.blockBytes(shapes, factors: .q8_0, dense: .q4_1) <= 80_000_000 })
    #expect(plan.blockBytes(shapes, factors: .q8_0, dense: .q4_1) <= 80_000_000)
    let larger = try SharingPlan.paper(
      shared: SharingPreset.gqa.shared, groupSize: 2, ratio: ratio - 0.001, shapes: shapes)
    #expect(larger.blockBytes(shapes, factors: .q8_0, dense: .q4_1) > 80_000_000)
    #expect(throws: BasisSharingError.self) {
      try BudgetPlanner.smallestRatio(
        for: "nothing", plan: { try .paper(shared: [], groupSize: 1, ratio: $0, shapes: shapes) },
        meets: { $0.parameters(shapes) == 0 })
    }
  }

  @Test func decodingIsBoundByBytesOrByArithmetic() throws {
    var machine = try DecodeMachine.named("desktop-2-cores")
    let plan = SharingPlan(groups: [])
    let bytes = 4 * Double(shapes.blockParameters)
    let slow = DecodeCostModel(machine, bytesPerWeight: 4).tokensPerSecond(plan, shapes, otherBytes: 0)
    #expect(abs(slow - machine.dramGBs * 1e9 / bytes) < 1e-6 * slow)
    machine.batch = 1000
    let fast = DecodeCostModel(machine, bytesPerWeight: 4).tokensPerSecond(plan, shapes, otherBytes: 0)
    #expect(abs(fast - machine.gflops * 1e9 / (2 * Double(shapes.blockParameters))) < 1e-6 * fast)
    // A shared basis is read from the cache the second time: cheaper than two bases, dearer than none.
    machine.batch = 1
    let model = DecodeCostModel(machine, bytesPerWeight: 4)
    func rate(_ size: Int) throws -> Double {
      let groups = [SharingGroup(site: .gate, layers: Array(0..<size), rank: 300)]
      return model.tokensPerSecond(SharingPlan(groups: groups), shapes, otherBytes: 0)
    }
    #expect(try rate(2) > rate(1))
    #expect(throws: BasisSharingError.unknownMachine("abacus", known: DecodeMachine.names)) {
      try DecodeMachine.named("abacus")
    }
  }

  @Test func layersAreDroppedFromTheMiddleBack() {
    #expect(LayerDropping.layers(ratio: 0.2, of: 30) == Set(22..<28))
    #expect(LayerDropping.layers(ratio: 0.99, of: 4) == [1])
  }

  static let errors: [BasisSharingError] = [
    .invalidRatio(2), .invalidGroupSize(0, layers: 4), .invalidPlan("x"), .invalidGram("x"),
    .rankTooLarge(site: "key", layers: [1], rank: 9, limit: 3), .notFinite(site: "down", layer: 2),
    .tooFewTokens(have: 1, need: 2), .invalidState(path: "p", problem: "x"), .unsupportedModel("x"),
    .unreachableBudget("x"), .unknownMachine("x", known: ["y"]),
    .invalidQuestions(path: "p", line: 3, problem: "x"), .invalidSetting(name: "n", value: "v", expected: "e"),
  ]

  @Test(arguments: errors)
  func errorsAreOneLine(error: BasisSharingError) {
    #expect(!error.description.isEmpty && !error.description.contains("\n"))
  }
}
