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
    try best([
      .plain, ProgramSchedule(order: .outputStationary), ProgramSchedule(fusesLogits: true),
      ProgramSchedule(order: .outputStationary, fusesLogits: true),
    ])
  }

  /// The paper's order of loops with zero skipping.
  public func zeroSkip() throws(LogicFlowError) -> Choice {
    try best([ProgramSchedule(skipsZeros: true), ProgramSchedule(fusesLogits: true, skipsZeros: true)])
  }

  /// The paper's schedule search (specification 2.4, step 4): one of the five best flows first, then windows of one to three of
  /// those that are best on what it leaves.
  public func paperSchedule(_ candidates: [Flow], tree: PathTree) throws(LogicFlowError) -> Choice {
    var best = try choice([], .plain)
    for first in candidates.prefix(5) {
      let rest = remaining(candidates, after: first, tree)
      var orders: [[Flow]] = [[first]]
      for length in 1...3 where length <= rest.count {
        for start in 0...rest.count - length { orders.append([first] + rest[start..<start + length]) }
      }
      for flows in orders {
        let other = try choice(flows, .plain)
        if other.cycles < best.cycles { best = other }
      }
    }
    return best
  }

  /// The five flows with the most visits on the paths that `first` does not decide.
  private func remaining(_ candidates: [Flow], after first: Flow, _ tree: PathTree) -> [Flow] {
    let score = FlowScore(tree)
    let open = tree.paths.filter { !score.isCompatible($0, first.region.literals) }
    let visits = candidates.map { flow in
      open.reduce(0) { $0 + (score.isCompatible($1, flow.region.literals) ? $1.visits : 0) }
    }
    return candidates.indices.filter { visits[$0] > 0 && candidates[$0] != first }.sorted {
      visits[$0] == visits[$1] ? $0 < $1 : visits[$0] > visits[$1]
    }.prefix(5).map { candidates[$0] }
  }

  /// The best of everything exact: loop orders, zero skips, early negatives, margins, and flows in front.
  public func everything(_ flows: [Flow], margins: Bool = true) throws(LogicFlowError) -> Choice {
    var result = try best([
      .plain, ProgramSchedule(order: .outputStationary), ProgramSchedule(fusesLogits: true),
      ProgramSchedule(order: .outputStationary, fusesLogits: true), ProgramSchedule(skipsZeros: true),
      ProgramSchedule(fusesLogits: true, skipsZeros: true),
      ProgramSchedule(order: .outputStationary, stopsNegatives: true),
      ProgramSchedule(order: .outputStationary, fusesLogits: true, stopsNegatives: true),
    ])
    if margins, network.classes <= 4 {
      let margin = try marginSearch()
      if margin.cycles < result.cycles { result = margin }
    }
    for flow in flows.prefix(8) {
      let other = try choice(result.flows + [flow], result.schedule)
      if other.cycles < result.cycles { result = other }
    }
    return result
  }

  /// Margin positions: regular grids, then each position dropped if that helps; the neuron order improved by moving neurons forward.
  private func marginSearch() throws(LogicFlowError) -> Choice {
    let order = MarginBounds(network).order
    let size = order.count
    var candidates: [ProgramSchedule] = []
    for step in [1, 2, 3, 5] where step < size {
      let checks = Array(stride(from: step, to: size, by: step))
      for stops in [false, true] {
        candidates.append(
          ProgramSchedule(
            order: .outputStationary, fusesLogits: true, stopsNegatives: stops, neuronOrder: order, marginChecks: checks
          ))
      }
      candidates.append(
        ProgramSchedule(
          order: .inputStationary, fusesLogits: true, skipsZeros: true, neuronOrder: order, marginChecks: checks))
    }
    guard !candidates.isEmpty else { return try choice([], .plain) }
    var result = try best(candidates)
    for neuron in order.dropFirst().prefix(8) {
      var schedule = result.schedule
      schedule.neuronOrder.removeAll { $0 == neuron }
      schedule.neuronOrder.insert(neuron, at: 0)
      let other = try choice([], schedule)
      if other.cycles < result.cycles { result = other }
    }
    for position in result.schedule.marginChecks {
      var schedule = result.schedule
      schedule.marginChecks.removeAll { $0 == position }
      let other = try choice([], schedule)
      if other.cycles <= result.cycles { result = other }
    }
    return result
  }
}
