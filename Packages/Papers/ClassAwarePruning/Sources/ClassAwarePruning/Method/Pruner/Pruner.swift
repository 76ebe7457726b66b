import Foundation
import ImageDataset
import TinyTensor
import VisionModels

/// Train with the preparing cost, score, remove, retrain, repeat until nothing is left to remove (section 2.6).
///
/// ```swift
/// var pruner = try Pruner(configuration, train: train, validation: validation, normalization: .imagenet)
/// pruner.onRound = { round, _ in print(round.counts, round.validation.accuracy); return .continue }
/// let (smaller, report) = try pruner.run(network)
/// ```
/// All decisions look at the validation split only. With a ``stateFolder`` every round is saved, and an interrupted run goes
/// on bit-identically.
public struct Pruner {
  /// What the run does.
  public let configuration: PruneConfiguration
  /// Called after each round with what it did and the network it left.
  public var onRound: ((_ round: PruneRound, _ network: Network) -> PruneControl)?
  /// Called with a word about what is going on and the fraction of the phase that is done.
  public var onProgress: ((_ phase: String, _ fraction: Double) -> Void)?
  /// Asked after each training step; when true, the run ends with ``StopReason/cancelled`` and its state is kept.
  public var isCancelled: () -> Bool = { false }
  /// Folder for the state of an unfinished run; nil keeps none.
  public var stateFolder: URL?

  private let train: LabeledImages
  private let validation: LabeledImages
  private let normalization: Normalization
  private let criterion: any ImportanceCriterion
  private let scoringSet: ScoringSet?
  private let proofImages: Tensor

  /// Prepares a run.
  /// - Parameters:
  ///   - train: images for training and scoring.
  ///   - validation: images for all decisions; not the test split.
  ///   - normalization: what the network's weights expect.
  /// - Throws: ``PruneError`` for impossible options or too few images of a class.
  public init(
    _ configuration: PruneConfiguration, train: LabeledImages, validation: LabeledImages, normalization: Normalization
  ) throws(PruneError) {
    try configuration.validate()
    guard validation.count > 0, train.count > 0 else {
      throw .badLabels("the training or validation split is empty; use a larger data set")
    }
    self.configuration = configuration
    self.train = train
    self.validation = validation
    self.normalization = normalization
    criterion = try Criteria.named(configuration.criterion, options: configuration.score)
    scoringSet =
      criterion.needsImages || configuration.contract != nil
      ? try ScoringSet(train, normalization: normalization, options: configuration.score) : nil
    proofImages = validation.batch(0..<min(256, validation.count), normalization: normalization).images
  }

  /// Prunes a network.
  /// - Parameter resume: go on from the ``stateFolder`` if it holds an unfinished run of this configuration.
  /// - Returns: the smaller network and what happened.
  /// - Throws: ``PruneError``, or what training and file access throw.
  public func run(_ network: Network, resume: Bool = false) throws -> (network: Network, report: PruneReport) {
    try network.requireFiniteWeights()
    _ = try configuration.rule.units(of: network)
    let store = stateFolder.map { PruneStateStore(folder: $0) }
    let key = try PruneStateStore.key(configuration, network: network, train: train, validation: validation)
    var state: PruneState
    if resume, let saved = try store?.load(key: key) {
      state = saved
    } else {
      try store?.clear()
      state = try begin(network, store: store)
      guard !isCancelled() else { return finish(&state, .cancelled) }
      try store?.save(state, key: key)
    }
    while true {
      let next = try round(&state, store: store)
      if let stop = next {
        if case .cancelled = stop {} else { try store?.clear() }
        return finish(&state, stop)
      }
      try store?.save(state, key: key)
    }
  }

  // MARK: - Phases

  private func begin(_ network: Network, store: PruneStateStore?) throws -> PruneState {
    var prepared = network
    let start = try accuracy(network)
    if configuration.initialImages > 0 {
      try train(
        &prepared, "sparse training", images: configuration.initialImages, phase: 0, cost: configuration.cost,
        store: store)
    }
    let counts = NetworkCounts(network)
    let ready = configuration.initialImages > 0 ? try accuracy(prepared) : start
    let report = PruneReport(
      stop: .nothingLeft, before: counts, after: counts, start: start, prepared: ready, end: ready, rounds: [])
    return PruneState(network: prepared, report: report)
  }

  /// One round; nil if another may follow.
  private func round(_ state: inout PruneState, store: PruneStateStore?) throws -> StopReason? {
    let index = state.report.rounds.count
    if let limit = configuration.maximumRounds, index >= limit { return try end(&state, .rounds, store) }
    if isTargetReached(state.report) { return try end(&state, .target, store) }
    if index > 0, configuration.roundImages > 0 {
      let outcome = try train(
        &state.network, "sparse training \(index + 1)", images: configuration.roundImages, phase: phase(index, 0),
        cost: configuration.cost, store: store)
      if isCancelled() { return .cancelled }
      if outcome == .diverged { return .diverged }
    }
    onProgress?("scoring \(index + 1)", 0)
    let units = try configuration.rule.units(of: state.network)
    let scores = try criterion.scores(
      state.network, context: ScoringContext(set: scoringSet, seed: configuration.seed &+ UInt64(index)))
    let plan = try plan(state, scores: scores, units: units, round: index)
    let statistics = try ScoreStatistics(
      scores, rule: configuration.rule, units: units, classes: classes, round: index)
    if plan.isEmpty {
      state.report.lowestRemainingScore = statistics.lowest
      state.report.finalMeanScore = statistics.mean
      return try end(&state, .nothingLeft, store)
    }
    return try remove(plan, statistics, units, from: &state, index: index, store: store)
  }

  private func remove(
    _ plan: PruningPlan, _ statistics: ScoreStatistics, _ units: ChannelUnits, from state: inout PruneState, index: Int,
    store: PruneStateStore?
  ) throws -> StopReason? {
    let snapshot = state.network
    var smaller = try snapshot.pruned(by: plan, units: units)
    let certificate = try ExactnessCertificate(
      original: snapshot, plan: plan, rebuilt: smaller, images: proofImages, units: units)
    let before = try accuracy(smaller).accuracy
    let outcome = try train(
      &smaller, "retraining \(index + 1)", images: configuration.retrainImages, phase: phase(index, 1),
      cost: configuration.regulariseRetraining ? configuration.cost : .none, earlyStop: true, store: store)
    if isCancelled() { return .cancelled }
    let validation = try accuracy(smaller)
    let failure = outcome == .diverged ? .diverged : refusal(validation, start: state.report.prepared.accuracy)
    let record = PruneRound(
      index: index, meanScore: statistics.mean, prunable: statistics.count, belowThreshold: statistics.belowThreshold,
      histogram: statistics.histogram, removed: plan.order.count, counts: plan.after,
      widths: prunableWidths(smaller), certificate: certificate, accuracyBeforeRetraining: before,
      validation: validation, isRolledBack: failure != nil)
    state.report.rounds.append(record)
    if failure == nil {
      state.network = smaller
      state.report.after = plan.after
      state.report.end = validation
    }
    let wish = onRound?(record, smaller) ?? .continue
    if let failure { return failure }
    return wish == .stop ? try end(&state, .rounds, store) : nil
  }

  /// The last retraining, when no further round follows.
  private func end(_ state: inout PruneState, _ reason: StopReason, _ store: PruneStateStore?) throws -> StopReason {
    guard configuration.finalImages > 0 else { return reason }
    var trained = state.network
    let outcome = try train(
      &trained, "final training", images: configuration.finalImages, phase: 1,
      cost: configuration.regulariseRetraining ? configuration.cost : .none, store: store)
    if isCancelled() { return .cancelled }
    guard outcome != .diverged else { return reason }
    state.network = trained
    state.report.end = try accuracy(trained)
    return reason
  }

  private func finish(_ state: inout PruneState, _ stop: StopReason) -> (network: Network, report: PruneReport) {
    state.report.stop = stop
    return (state.network, state.report)
  }

  // MARK: - Pieces

  private enum PhaseOutcome { case finished, diverged }

  @discardableResult
  private func train(
    _ network: inout Network, _ name: String, images: Int, phase: UInt64, cost: TrainingCost, earlyStop: Bool = false,
    store: PruneStateStore?
  ) throws -> PhaseOutcome {
    var trainer = NetworkTrainer(
      train, normalization: normalization, options: configuration.training, seed: configuration.seed)
    trainer.isCancelled = isCancelled
    trainer.onStep = { onProgress?(name, Double($0.step) / Double(max(1, $0.totalSteps))) }
    let target = earlyStop ? configuration.earlyStop : nil
    let outcome = try trainer.train(
      &network, count: images, phase: phase, cost: cost,
      target: target.map { (accuracy: $0, measure: { try accuracy($0).accuracy }) },
      checkpoint: store?.trainingState(phase: phase))
    if case .diverged = outcome?.outcome { return .diverged }
    return .finished
  }

  private func plan(
    _ state: PruneState, scores: [String: [Float]], units: ChannelUnits, round: Int
  ) throws(PruneError) -> PruningPlan {
    var protected: Set<Int> = []
    if let contract = configuration.contract, let scoringSet {
      let classScores = try ClassScorer(configuration.score).scores(state.network, set: scoringSet)
      protected = try contract.protectedUnits(classScores, units: units)
    }
    let target = configuration.targetMacsReduction.map { Int(Double(state.report.before.macs) * (1 - $0)) }
    return try configuration.rule.plan(
      state.network, scores: scores, units: units,
      limits: PlanLimits(
        round: round, classes: classes, targetMacs: target,
        originalWidths: PruningHistory(of: state.network).originalWidths, protected: protected))
  }

  private var classes: Int? { criterion.countsClasses ? scoringSet?.classes.count : nil }

  private func phase(_ round: Int, _ part: UInt64) -> UInt64 { 2 + 2 * UInt64(round) + part }

  private func isTargetReached(_ report: PruneReport) -> Bool {
    configuration.targetMacsReduction.map { report.macsReduction >= $0 } ?? false
  }

  private func refusal(_ validation: SplitAccuracy, start: Double) -> StopReason? {
    if let loss = configuration.maximumAccuracyLoss, validation.accuracy < start - loss {
      return .accuracy(measured: validation.accuracy, floor: start - loss)
    }
    return configuration.contract?.violation(validation.perClass, classes: self.validation.classes)
  }

  private func prunableWidths(_ network: Network) -> [String: Int] {
    let scored = Set(network.scoredLayers)
    return PruningHistory.widths(of: network).filter { scored.contains($0.key) }
  }

  private func accuracy(_ network: Network) throws(PruneError) -> SplitAccuracy {
    let evaluation = try asPruneError { () throws(NetworkError) in
      try InferenceEngine(network).evaluate(validation, normalization: normalization)
    }
    return SplitAccuracy(accuracy: evaluation.accuracy, perClass: evaluation.perClass)
  }
}
