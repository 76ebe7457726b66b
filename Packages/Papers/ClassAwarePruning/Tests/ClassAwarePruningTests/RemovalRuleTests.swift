import ClassAwarePruning
import Testing
import TinyTensor
import VisionModels

@Suite("Removal rule")
struct RemovalRuleTests {
  /// Three convolutions of widths 4, 8, 10; the first is kept by default.
  static func network() throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.input
    var channels = 3
    for (index, width) in [4, 8, 10].enumerated() {
      x = builder.convolution("c\(index)", x, from: channels, to: width, kernel: 3)
      x = builder.add("r\(index)", .relu, x)
      channels = width
    }
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: channels, outputFeatures: 10)), x)
    var network = try builder.build(name: "rule", inputShape: [4, 4, 3])
    Fixtures.randomize(&network, seed: 1)
    return network
  }

  static let scores: [String: [Float]] = [
    "c0": [0, 0, 0, 0],
    "c1": [9, 1, 8, 1, 7, 6, 5, 10],
    "c2": [2, 1, 9, 9, 9, 9, 9, 9, 2.5, 4],
  ]

  static func plan(_ rule: RemovalRule, limits: PlanLimits = PlanLimits(classes: 10)) throws -> PruningPlan {
    let network = try network()
    return try rule.plan(network, scores: scores, units: ChannelUnits(network), limits: limits)
  }

  @Test("Threshold: everything below T, in order, ties by layer and filter")
  func threshold() throws {
    let plan = try Self.plan(RemovalRule(strategy: .threshold(.constant(0.3))))
    #expect(plan.remove == ["c1": [1, 3], "c2": [0, 1, 8]])
    #expect(plan.order.map(\.channel.description) == ["c1:1", "c1:3", "c2:1", "c2:0", "c2:8"])
    #expect(plan.widths == ["c1": [8, 6], "c2": [10, 7]])
  }

  @Test("Percentage: the lowest share of what is prunable, whatever the score")
  func percentage() throws {
    // 18 prunable units, 10 % rounded down: one.
    #expect(try Self.plan(RemovalRule(strategy: .percentage(0.1))).remove == ["c1": [1]])
    #expect(try Self.plan(RemovalRule(strategy: .percentage(0.4))).order.count == 7)
  }

  @Test("Combined: the stricter of the two")
  func combined() throws {
    #expect(try Self.plan(RemovalRule(strategy: .combined(.constant(0.3), 0.2))).order.count == 3)
    #expect(try Self.plan(RemovalRule(strategy: .combined(.constant(0.15), 0.9))).remove == ["c1": [1, 3], "c2": [1]])
  }

  @Test("Nothing below the threshold gives an empty plan; scores equal everywhere go in graph order")
  func edges() throws {
    #expect(try Self.plan(RemovalRule(strategy: .threshold(.constant(0.05)))).isEmpty)
    let network = try Self.network()
    let flat = Self.scores.mapValues { $0.map { _ in Float(1) } }
    let plan = try RemovalRule(strategy: .percentage(0.2)).plan(
      network, scores: flat, units: ChannelUnits(network))
    #expect(plan.remove == ["c1": [0, 1, 2]])
  }

  @Test("A ramp raises the threshold per round")
  func ramp() throws {
    let rule = RemovalRule(strategy: .threshold(.ramp(start: 0.15, step: 0.1, end: 0.3)))
    #expect(try Self.plan(rule, limits: PlanLimits(round: 0, classes: 10)).order.count == 3)
    #expect(try Self.plan(rule, limits: PlanLimits(round: 1, classes: 10)).order.count == 4)
    #expect(try Self.plan(rule, limits: PlanLimits(round: 9, classes: 10)).order.count == 5)
  }

  @Test("Floors refer to the original width, and at least two filters stay")
  func floors() throws {
    let deep = try Self.plan(RemovalRule(strategy: .percentage(1)))
    #expect(deep.widths == ["c1": [8, 2], "c2": [10, 2]])
    let half = try Self.plan(RemovalRule(strategy: .percentage(1), minKeep: 0.5))
    #expect(half.widths == ["c1": [8, 4], "c2": [10, 5]])
    let earlier = try Self.plan(
      RemovalRule(strategy: .percentage(1), minKeep: 0.5),
      limits: PlanLimits(originalWidths: ["c1": 16, "c2": 10]))
    #expect(earlier.widths == ["c2": [10, 5]])
  }

  @Test("First layer and protected units stay unless asked")
  func protection() throws {
    let first = try Self.plan(RemovalRule(strategy: .threshold(.constant(0.05)), pruneFirst: true))
    #expect(first.remove == ["c0": [0, 1]])
    let units = try ChannelUnits(Self.network())
    let protected = Set([try units.units(of: "c1")[1]])
    let plan = try Self.plan(
      RemovalRule(strategy: .threshold(.constant(0.3))), limits: PlanLimits(classes: 10, protected: protected))
    #expect(plan.remove["c1"] == [3])
  }

  @Test("Removal stops exactly when the target is reached")
  func target() throws {
    let network = try Self.network()
    let base = network.cost().macs
    let plan = try Self.plan(
      RemovalRule(strategy: .percentage(1)), limits: PlanLimits(targetMacs: base * 8 / 10))
    #expect(plan.after.macs <= base * 8 / 10)
    var shorter = plan.remove
    if let last = plan.order.last { shorter[last.channel.layer]?.removeAll { $0 == last.channel.channel } }
    let before = try PruningPlan(removing: shorter, from: network, units: ChannelUnits(network))
    #expect(before.after.macs > base * 8 / 10)
  }

  @Test("Uniform allocation takes the same share of every layer")
  func uniform() throws {
    let plan = try Self.plan(RemovalRule(strategy: .percentage(0.25), allocation: .uniform))
    #expect(plan.widths == ["c1": [8, 6], "c2": [10, 8]])
  }

  @Test("Per MAC: of equal scores the dearer filter goes first")
  func macsNormalised() throws {
    let network = try Self.network()
    let flat = Self.scores.mapValues { $0.map { _ in Float(1) } }
    let units = try ChannelUnits(network)
    // A filter of c1 costs 9·4 + 9·10 products per pixel, one of c2 9·8 and the head.
    let normalised = try RemovalRule(strategy: .percentage(0.06), allocation: .macsNormalised)
      .plan(network, scores: flat, units: units)
    #expect(normalised.remove == ["c1": [0]])
    let ties = try RemovalRule(strategy: .percentage(0.06), ties: .macsSaved)
      .plan(network, scores: ["c1": [2, 2, 2, 2, 2, 2, 2, 2], "c2": flat["c2"] ?? []], units: units)
    #expect(ties.remove == ["c2": [0]])
  }

  @Test("Whole lanes: widths end on multiples")
  func lanes() throws {
    let four = try Self.plan(RemovalRule(strategy: .percentage(0.5), roundTo: 4))
    #expect(four.widths.values.allSatisfy { $0[1] % 4 == 0 })
    #expect(!four.isEmpty)
    // A block may overshoot once, or a narrow budget would never remove a whole lane.
    let narrow = try Self.plan(RemovalRule(strategy: .percentage(0.1), roundTo: 4))
    #expect(narrow.order.count == 2 && narrow.widths == ["c2": [10, 8]])
  }

  @Test("Strategies are read from text")
  func parsing() throws {
    #expect(try RemovalStrategy(parsing: "combined:0.3,0.1") == .combined(.constant(0.3), 0.1))
    #expect(
      try RemovalStrategy(parsing: "threshold:0.3:0.05:0.7") == .threshold(.ramp(start: 0.3, step: 0.05, end: 0.7)))
    #expect(try RemovalStrategy(parsing: "percentage:0.2") == .percentage(0.2))
    for text in [
      "", "combined", "combined:0.3", "percentage:1.5", "percentage:0", "threshold:2", "threshold:a", "l1:0.1",
      "threshold:0.3:-1:0.7", "combined:0.3,0.1,0.2",
    ] {
      #expect(throws: PruneError.self, "\(text)") { try RemovalStrategy(parsing: text) }
    }
    let strategy = RemovalStrategy.combined(.ramp(start: 0.3, step: 0.05, end: 0.7), 0.1)
    #expect(try RemovalStrategy(parsing: "\(strategy)") == strategy)
  }

  @Test("Impossible rules and scores are usage errors")
  func errors() throws {
    #expect(throws: PruneError.self) { try RemovalRule(minKeep: 1.5).validate() }
    #expect(throws: PruneError.self) { try RemovalRule(roundTo: 0).validate() }
    #expect(throws: PruneError.self) { try Self.plan(RemovalRule(), limits: PlanLimits()) }
    let network = try Self.network()
    let units = try ChannelUnits(network)
    let rule = RemovalRule(strategy: .percentage(0.5))
    #expect(throws: PruneError.unknownLayer("c2", known: ["c1"])) {
      try rule.plan(network, scores: ["c1": Self.scores["c1"] ?? []], units: units)
    }
    #expect(throws: PruneError.shapeMismatch("layer c1 has 8 filters, but 2 scores")) {
      try rule.plan(network, scores: ["c1": [1, 2], "c2": Self.scores["c2"] ?? []], units: units)
    }
    var broken = Self.scores
    broken["c2"]?[3] = .nan
    #expect(throws: PruneError.notFinite(layer: "c2", what: "a score")) {
      try rule.plan(network, scores: broken, units: units)
    }
    let cell = "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"
    let nas = try Models.nasBench201(cell, channels: 4, cells: 1)
    #expect(throws: Never.self) { _ = try ChannelUnits(nas) }
    var one = NetworkBuilder()
    let x = one.add("pool", .globalAveragePool, one.input)
    _ = one.add("linear", .linear(Linear(inputFeatures: 3, outputFeatures: 2)), x)
    let linear = try one.build(name: "linear", inputShape: [4, 4, 3])
    #expect(throws: PruneError.self) { try rule.plan(linear, scores: [:], units: ChannelUnits(linear)) }
  }
}
