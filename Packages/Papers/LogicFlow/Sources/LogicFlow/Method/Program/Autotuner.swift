import LogicFlowVerify

/// Chooses flows, loop order and exits by simulated cycles on training rows, never on the test split (specification 2.8).
public struct Autotuner: Sendable {
  /// A program's parts and what they cost on the training rows.
  public struct Choice: Sendable, Hashable, Codable {
    /// Flows in the order of their tests.
    public var flows: [Flow]
    /// The schedule.
    public var schedule: ProgramSchedule
    /// Mean cycles on the training rows that were used.
    public var cycles: Double
  }

  private let network: IntegerNetwork
  private let meter: CycleMeter
  /// Largest static worst case that is accepted.
  public var maximumWorstCase: Int?
  /// Whether margin exits may be used.
  public var usesMargins = true
  /// Whether products of values that are 0 may be left out.
  public var usesZeroSkips = true

  /// A tuner for `network` on a core, with at most `rows` of the training rows.
  public init(_ network: IntegerNetwork, training: IntegerSamples, model: CoreModel, rows: Int = 600) {
    self.network = network
    meter = CycleMeter(model, samples: training.prefix(rows))
  }

  private func choice(_ flows: [Flow], _ schedule: ProgramSchedule) throws(LogicFlowError) -> Choice {
    let program = LogicProgram(network: network, flows: flows, schedule: schedule)
    if let limit = maximumWorstCase {
      let machine = try RV32Machine(program.machineCode(for: meter.model), model: meter.model)
      guard let worst = machine.worstCase(), worst <= limit else {
        return Choice(flows: flows, schedule: schedule, cycles: .infinity)
      }
    }
    return Choice(flows: flows, schedule: schedule, cycles: try meter.cycles(program))
  }

  private func best(_ candidates: [ProgramSchedule], _ flows: [Flow] = []) throws(LogicFlowError) -> Choice {
    var best = try choice(flows, candidates[0])
    for candidate in candidates.dropFirst() {
      let other = try choice(flows, candidate)
      if other.cycles < best.cycles { best = other }
    }
    return best
  }

  /// The best program without any exit, and without data-dependent skips: the honest baseline.
  public func flowless() throws(LogicFlowError) -> Choice {
    try best(Self.orders)
  }

  /// Every loop order, without exits and skips.
  private static let orders: [ProgramSchedule] = [false, true].flatMap { fuses in
    [
      ProgramSchedule(fusesLogits: fuses), ProgramSchedule(order: .outputStationary, fusesLogits: fuses),
      ProgramSchedule(order: .outputStationary, inputOrder: .inputStationary, fusesLogits: fuses),
      ProgramSchedule(inputOrder: .outputStationary, fusesLogits: fuses),
    ]
  }

  /// Zero skips behind hidden outputs, features, or both.
  private static let zeroSkips: [ProgramSchedule] = [false, true].flatMap { fuses in
    [
      ProgramSchedule(fusesLogits: fuses, skipsZeros: true), ProgramSchedule(fusesLogits: fuses, skipsZeroInputs: true),
      ProgramSchedule(fusesLogits: fuses, skipsZeros: true, skipsZeroInputs: true),
      ProgramSchedule(inputOrder: .outputStationary, fusesLogits: fuses, skipsZeros: true),
    ]
  }

  /// Early negatives, which need one neuron at a time.
  private static let earlyNegatives: [ProgramSchedule] = [false, true].flatMap { fuses in
    [
      ProgramSchedule(order: .outputStationary, fusesLogits: fuses, stopsNegatives: true),
      ProgramSchedule(
        order: .outputStationary, inputOrder: .inputStationary, fusesLogits: fuses, stopsNegatives: true),
    ]
  }

  /// The paper's order of loops with zero skipping.
  public func zeroSkip() throws(LogicFlowError) -> Choice {
    try best(Self.zeroSkips)
  }

  /// The paper's schedule search (specification 2.4, step 4): one of the five best flows first, then windows of one to three of
  /// those that are best, once optimised again, on the paths it leaves.
  public func paperSchedule(
    _ candidates: FlowCandidates, _ finder: FlowFinder, tree: PathTree
  ) throws(LogicFlowError) -> Choice {
    var best = try choice([], .plain)
    for first in finder.ranked(candidates, on: tree).prefix(5) {
      let rest = finder.ranked(candidates, on: tree.without(first.region.literals)).filter {
        $0.visits > 0 && $0.region != first.region
      }.prefix(5)
      var orders: [[Flow]] = [[first]]
      for length in 1...3 where length <= rest.count {
        for start in 0...rest.count - length { orders.append([first] + rest[start..<start + length]) }
      }
      for flows in orders {
        let other = try choice(flows, .plain)
        if other.cycles < best.cycles { best = other }
      }
    }
    let score = FlowScore(tree)
    for index in best.flows.indices { best.flows[index].visits = score.visits(best.flows[index].region.literals) }
    return best
  }

  /// The best of everything exact: loop orders, zero skips, early negatives, margins, and flows in front.
  public func everything(_ flows: [Flow]) throws(LogicFlowError) -> Choice {
    var result = try best(Self.orders + (usesZeroSkips ? Self.zeroSkips : []) + Self.earlyNegatives)
    if usesMargins, let margin = try marginSearch(), margin.cycles < result.cycles { result = margin }
    result = try adding(flows, to: result)
    return try polished(result)
  }

  /// Adds the flow that helps most, in front or behind, as long as one helps.
  private func adding(_ flows: [Flow], to start: Choice) throws(LogicFlowError) -> Choice {
    var result = start
    var candidates = Array(flows.prefix(16))
    while !candidates.isEmpty, result.flows.count < 6 {
      var next: (index: Int, choice: Choice)?
      for (index, flow) in candidates.enumerated() {
        let orders = result.flows.isEmpty ? [[flow]] : [[flow] + result.flows, result.flows + [flow]]
        for order in orders {
          let other = try choice(order, result.schedule)
          if other.cycles < (next?.choice.cycles ?? result.cycles) { next = (index, other) }
        }
      }
      guard let next else { break }
      result = next.choice
      candidates.remove(at: next.index)
    }
    return result
  }

  /// Margins on regular grids, with every way to run the layers before.
  private func marginSearch() throws(LogicFlowError) -> Choice? {
    let order = MarginBounds(network).order
    var candidates: [ProgramSchedule] = []
    // A margin compares every pair of classes: with many of them only a few can pay.
    for step in network.classes <= 4 ? [1, 2, 3, 5] : [5, 8] where step < order.count {
      let checks = Array(stride(from: step, to: order.count, by: step))
      for isStationary in [false, true] {
        for stops in [false, true] {
          candidates.append(
            ProgramSchedule(
              order: .outputStationary, inputOrder: isStationary ? .inputStationary : nil, fusesLogits: true,
              skipsZeroInputs: isStationary && stops && usesZeroSkips, stopsNegatives: stops, neuronOrder: order,
              marginChecks: checks))
        }
      }
      guard usesZeroSkips else { continue }
      for skipsInputs in [false, true] {
        candidates.append(
          ProgramSchedule(
            fusesLogits: true, skipsZeros: true, skipsZeroInputs: skipsInputs, neuronOrder: order, marginChecks: checks)
        )
      }
    }
    return candidates.isEmpty ? nil : try best(candidates)
  }

  /// A small change of flows and schedule.
  private typealias Change = (inout [Flow], inout ProgramSchedule) -> Void

  /// Small changes as long as they help: a neuron moved to the front or one place forward, a margin or a flow dropped, a switch
  /// turned.
  private func polished(_ start: Choice) throws(LogicFlowError) -> Choice {
    var result = start
    for _ in 0..<3 {
      let before = result.cycles
      for change in changes(result) {
        var (flows, schedule) = (result.flows, result.schedule)
        change(&flows, &schedule)
        guard flows != result.flows || schedule != result.schedule else { continue }
        let other = try choice(flows, schedule)
        // At equal cycles fewer tests are better.
        let tests = { (choice: Choice) in choice.flows.count + choice.schedule.marginChecks.count }
        if (other.cycles, tests(other)) < (result.cycles, tests(result)) { result = other }
      }
      guard result.cycles < before else { break }
    }
    return result
  }

  private func changes(_ choice: Choice) -> [Change] {
    var changes: [Change] = []
    for neuron in choice.schedule.neuronOrder {
      changes.append { _, schedule in
        schedule.neuronOrder.removeAll { $0 == neuron }
        schedule.neuronOrder.insert(neuron, at: 0)
      }
      changes.append { _, schedule in
        guard let index = schedule.neuronOrder.firstIndex(of: neuron), index > 0 else { return }
        schedule.neuronOrder.swapAt(index, index - 1)
      }
    }
    for position in choice.schedule.marginChecks {
      changes.append { $1.marginChecks.removeAll { $0 == position } }
    }
    for flow in choice.flows { changes.append { flows, _ in flows.removeAll { $0.region == flow.region } } }
    changes.append { $1.stopsNegatives.toggle() }
    if usesZeroSkips { changes.append { $1.skipsZeroInputs.toggle() } }
    return changes
  }
}
