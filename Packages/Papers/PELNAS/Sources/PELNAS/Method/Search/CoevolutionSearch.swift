import Foundation
import TinyTensor

/// The search of the paper: rules and cells co-evolve, niche by niche (specification 2.4).
///
/// ```swift
/// let search = CoevolutionSearch(task: task, partition: .conv3x3, estimates: estimates, proposer: KnowledgeProposer(.conv3x3))
/// let report = try await search.run()
/// report.front          // by estimated accuracy
/// report.quality        // the same cells, scored with the trained accuracy
/// ```
public struct CoevolutionSearch: Sendable {
  private let task: SearchTask
  private let partition: Partition
  private let estimates: SearchEstimates
  private let proposer: any Proposer
  private let configuration: SearchConfiguration

  /// A search.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)``.
  public init(
    task: SearchTask, partition: Partition, estimates: SearchEstimates, proposer: any Proposer,
    configuration: SearchConfiguration = SearchConfiguration()
  ) throws(PELNASError) {
    try configuration.validate()
    self.task = task
    self.partition = partition
    self.estimates = estimates
    self.proposer = proposer
    self.configuration = configuration
  }

  /// Runs the search, or what is left of it.
  ///
  /// - Parameters:
  ///   - stateURL: where the state is kept after every generation; an existing one is continued.
  ///   - progress: called after every call with the generation and the niche.
  ///   - isCancelled: asked between calls; what is complete stays on disk.
  /// - Throws: ``PELNASError``, or `CancellationError` when cancelled.
  public func run(
    stateURL: URL? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) async throws -> SearchReport {
    var state = SearchState(
      task: "\(task.name), \(estimates.name)", partition: partition.name, proposer: proposer.identity,
      configuration: configuration, rules: Array(repeating: [], count: partition.nicheCount))
    if let stateURL, FileManager.default.fileExists(atPath: stateURL.path) {
      state = try SearchState.read(stateURL, expected: state)
    }
    if state.completedGenerations < 0 {
      drawInitialCells(&state)
      state.completedGenerations = 0
      try stateURL.map { url throws(PELNASError) in try state.write(to: url) }
    }
    let total = configuration.generations * partition.nicheCount
    while state.completedGenerations < configuration.generations {
      let generation = state.completedGenerations + 1
      var next = state
      for niche in 0..<partition.nicheCount {
        if isCancelled() { throw CancellationError() }
        try await evolve(&next, niche: niche, generation: generation)
        progress((generation - 1) * partition.nicheCount + niche + 1, total)
      }
      next.completedGenerations = generation
      state = next
      try stateURL.map { url throws(PELNASError) in try state.write(to: url) }
    }
    return SearchReport(state: state, task: task, partition: partition, estimates: estimates)
  }

  private func drawInitialCells(_ state: inout SearchState) {
    for niche in 0..<partition.nicheCount {
      let members = task.usable.filter { partition.niche(of: $0) == niche }
      var generator = Philox(seed: configuration.seed, stream: "initial-\(niche)")
      for index in generator.sample(configuration.initialPerNiche, of: members.count) {
        state.evaluated.append(evaluate(members[index], niche, 0, .initial, ""))
      }
    }
  }

  private func evaluate(
    _ cell: Cell, _ niche: Int, _ generation: Int, _ source: EvaluatedCell.Source, _ rationale: String
  ) -> EvaluatedCell {
    EvaluatedCell(
      cell: cell, niche: niche, generation: generation, source: source, accuracy: estimates.accuracies[cell.code],
      cost: task.costs[cell.code], rationale: rationale)
  }

  /// One generation of one niche: rules first, then cells.
  private func evolve(_ state: inout SearchState, niche: Int, generation: Int) async throws {
    let known = state.evaluated.filter { $0.niche == niche }
    guard !known.isEmpty else { return }
    try await updateRules(&state, known, niche: niche, generation: generation)

    let archive = known.map(\.scored).front()
    var generator = Philox(seed: configuration.seed, stream: "variation-\(generation)-\(niche)")
    let isCrossover = Double(generator.uniform()) < configuration.crossover && archive.count >= 2
    let active = state.rules[niche].filter { $0.status == .active }
      .sorted { $0.strength != $1.strength ? $0.strength > $1.strength : $0.id < $1.id }
      .prefix(configuration.promptRules)
    for rule in active {
      if let index = state.rules[niche].firstIndex(where: { $0.id == rule.id }) {
        state.rules[niche][index].lastUsed = generation
      }
    }
    var request = ProposalRequest(
      partition: partition.name, niche: niche, description: partition.descriptions[niche], generation: generation,
      attempt: 0, parents: ParentSelection.spread(archive, count: 4), archive: archive, rules: Array(active),
      variation: isCrossover ? .crossover : .mutation, count: configuration.childrenPerCall, rejections: [],
      seed: callSeed("propose", generation, niche, 0))
    var collector = ChildCollector(
      task: task, partition: partition, niche: niche, wanted: configuration.childrenPerCall,
      evaluated: Set(known.map(\.cell)))
    for attempt in 0...configuration.retries where collector.missing > 0 && !collector.isExhausted {
      request.attempt = attempt
      request.count = collector.missing
      request.rejections = collector.reasons
      request.seed = callSeed("propose", generation, niche, attempt)
      state.counters.proposeCalls += 1
      do {
        let reply = try await proposer.propose(request)
        state.counters.tokens.read += reply.tokens.read
        state.counters.tokens.written += reply.tokens.written
        collector.accept(reply, &state.counters)
      } catch {
        try absorb(error, &state.counters)
      }
    }
    var chance = Philox(seed: configuration.seed, stream: "fallback-\(generation)-\(niche)")
    let fallbacks = collector.fallbacks(parents: request.parents.map(\.cell), using: &chance)
    state.counters.fallback += fallbacks.count
    state.evaluated += collector.accepted.map { evaluate($0.cell, niche, generation, .proposer, $0.rationale) }
    state.evaluated += fallbacks.map { evaluate($0, niche, generation, .fallback, "") }
  }

  private func updateRules(
    _ state: inout SearchState, _ known: [EvaluatedCell], niche: Int, generation: Int
  ) async throws {
    let request = KnowledgeRequest(
      niche: niche, description: partition.descriptions[niche], generation: generation,
      lastRound: known.filter { $0.generation == generation - 1 }, evaluated: known.map(\.scored),
      rules: state.rules[niche], seed: callSeed("rules", generation, niche, 0))
    state.counters.updateCalls += 1
    do {
      let reply = try await proposer.updateKnowledge(request)
      state.counters.tokens.read += reply.tokens.read
      state.counters.tokens.written += reply.tokens.written
      state.counters.unusableRules += reply.unusable
      for rule in reply.rules {
        guard !state.rules[niche].contains(where: { $0.conditions == rule.conditions }) else { continue }
        var named = rule
        named.id = "n\(niche)r\(state.rules[niche].count + 1)"
        state.rules[niche].append(named)
      }
    } catch {
      try absorb(error, &state.counters)
    }
    // Every rule faces all cells again; the seed is the rule's, so that a resumed search repeats the verdict.
    for index in state.rules[niche].indices {
      state.rules[niche][index].test(on: request.evaluated, seed: configuration.seed)
    }
  }

  /// Failures of a model are counted and fallbacks continue; a missing recording and cancellation end the search.
  private func absorb(_ error: any Error, _ counters: inout SearchCounters) throws {
    if error is PELNASError || error is CancellationError { throw error }
    counters.failedCalls += 1
  }

  private func callSeed(_ stage: String, _ generation: Int, _ niche: Int, _ attempt: Int) -> UInt64 {
    // JSON integers of other programs end at 2⁵³.
    var generator = Philox(seed: configuration.seed, stream: "call-\(stage)-\(generation)-\(niche)-\(attempt)")
    return generator.next() >> 11
  }
}
