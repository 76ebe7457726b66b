import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// Claims F1–F5 and F8: iterative pruning against the other criteria and the controls.
struct IterativeStudy {
  let runner: IterativeRunner
  private var context: RunContext { runner.context }
  private var workload: Workload { runner.workload }
  private var subject: Subject { runner.subject }

  /// Everything that was run.
  struct Outcome {
    var runs: [IterativeRun] = []
    var repeated: [IterativeRun] = []
    /// The run that stops where F1 asks, with the specified budget.
    var operating: IterativeRun?
    /// Training images of that run after the preparation, and of its control.
    var operatingImages = 0
    /// The prepared network fine-tuned as long as that run trains.
    var fineTuned: IterativeRun.Point?
    /// The class-aware shape trained from scratch with the whole budget.
    var scratch: IterativeRun.Point?
    var ablations: [(name: String, run: IterativeRun)] = []
    var deep: IterativeRun?
    var stop: StopRule?
    var preparation: Preparation?

    var classRun: IterativeRun? { runs.first { $0.criterion == "class" } }
  }

  /// What the modified cost did to the scores (F4).
  struct Preparation: Codable {
    var shareBefore: Double
    var shareAfter: Double
    var histogramBefore: [Int]
    var histogramAfter: [Int]
    var termsBefore: CostTerms
    var termsAfter: CostTerms
  }

  /// A run of the pure threshold rule (F8).
  struct StopRule: Codable {
    var stop: StopReason
    var rounds: Int
    var removed: Int
    var lowestRemaining: Double
    var reduction: Double
  }

  func run(progress: ProgressReporter) throws -> Outcome {
    var outcome = Outcome()
    let isFull = context.scale == .full
    let phases = progress.phases([
      "prepare": isFull ? 2 : 0.1, "methods": Double(workload.iterativeCriteria.count * workload.scheduleUnits),
      "repeat": Double(workload.repeatedCriteria.count * workload.scheduleUnits) + 0.01,
      "operating": Double(2 * workload.operatingUnits * workload.operatingUnit) / Double(workload.unit) + 0.01,
      "controls": isFull ? 12 : 0.01, "ablations": isFull ? 21 : 0.01, "deep": isFull ? 26 : 0.01, "stop": 1,
    ])
    let prepared = try runner.prepared(TrainingCost(), name: "both", progress: phases["prepare"])
    if workload.preparation > 0 { outcome.preparation = try preparation(prepared) }
    for name in workload.iterativeCriteria {
      outcome.runs.append(
        try runner.run(
          name, from: prepared, configuration: runner.configuration(name, seed: context.seed),
          progress: phases["methods"]))
    }
    for name in workload.repeatedCriteria {
      outcome.repeated.append(
        try runner.run(
          "\(name)-seed2", from: prepared, configuration: runner.configuration(name, seed: context.seed &+ 1),
          progress: phases["repeat"]))
    }
    if workload.operatingUnit > 0 { try operatingPoint(prepared, &outcome, progress: phases["operating"]) }
    if isFull { try scratch(&outcome, progress: phases["controls"]) }
    if workload.ablationRounds > 0 { outcome.ablations = try ablations(progress: phases["ablations"]) }
    if workload.prunesDeepNetwork, subject.isReference { outcome.deep = try deep(progress: phases["deep"]) }
    outcome.stop = try stopRule(progress: phases["stop"])
    return outcome
  }

  private func preparation(_ prepared: Network) throws -> Preparation {
    try context.step("preparation") {
      let before = try scores(subject.network)
      let after = try scores(prepared)
      return Preparation(
        shareBefore: share(before, subject.network), shareAfter: share(after, prepared),
        histogramBefore: before.histogram(edges: BaselineStudy.edges),
        histogramAfter: after.histogram(edges: BaselineStudy.edges), termsBefore: try terms(subject.network),
        termsAfter: try terms(prepared))
    }
  }

  private func scores(_ network: Network) throws -> ClassScores {
    try ClassScorer().scores(network, data: subject.train, normalization: subject.normalization)
  }

  /// Share of the filters that serve fewer than 0.3·N classes.
  private func share(_ scores: ClassScores, _ network: Network) -> Double {
    let values = scores.layers.flatMap(\.scores)
    return Double(values.count { $0 < 0.3 * Float(scores.classes) }) / Double(max(1, values.count))
  }

  private func terms(_ network: Network) throws -> CostTerms {
    let evaluation = try InferenceEngine(network).evaluate(
      subject.validation, normalization: subject.normalization, limit: 1_000)
    return try TrainingCost().terms(ParameterSet(network), crossEntropy: Float(evaluation.loss))
  }

  /// F1: prunes until a quarter of the multiply-accumulates is gone and spends the rest of the budget on the last retraining;
  /// the control fine-tunes the unpruned network on as many images.
  private func operatingPoint(_ prepared: Network, _ outcome: inout Outcome, progress: ProgressReporter) throws {
    let rounds = 4
    var configuration = runner.configuration("class", seed: context.seed)
    configuration.targetMacsReduction = 0.25
    configuration.retrainImages = workload.operatingUnit
    configuration.finalImages = (workload.operatingUnits - rounds) * workload.operatingUnit
    configuration.maximumRounds = rounds
    outcome.operating = try runner.run(
      "class-operating", from: prepared, configuration: configuration, progress: progress)
    outcome.operatingImages = workload.operatingUnits * workload.operatingUnit
    let tuned = try runner.trained(
      prepared, images: outcome.operatingImages, name: "control-fine-tuned", phase: 901,
      options: subject.training, progress: progress)
    outcome.fineTuned = try context.step("control-fine-tuned-test") { try runner.point(tuned, round: 0) }
  }

  /// F3: the shape of the class-aware run trained from scratch on as many images.
  private func scratch(_ outcome: inout Outcome, progress: ProgressReporter) throws {
    guard let run = outcome.classRun else { return }
    var fresh = try Network(loading: context.file(run.file))
    fresh.initialize(seed: context.seed)
    var options = subject.training
    options.learningRate = subject.scratchLearningRate
    let scratch = try runner.trained(
      fresh, images: (workload.preparation + workload.scheduleUnits) * workload.unit, name: "control-scratch",
      phase: 902, options: options, progress: progress)
    outcome.scratch = try context.step("control-scratch-test") { try runner.point(scratch, round: 0) }
  }

  private func ablations(progress: ProgressReporter) throws -> [(name: String, run: IterativeRun)] {
    var result: [(name: String, run: IterativeRun)] = []
    func ablate(_ name: String, cost: TrainingCost, key: String, score: ScoreOptions = ScoreOptions()) throws {
      let start = try runner.prepared(cost, name: key, progress: progress)
      var configuration = runner.configuration("class", seed: context.seed)
      configuration.score = score
      configuration.maximumRounds = workload.ablationRounds
      configuration.finalImages = 0
      result.append(
        (name, try runner.run("ablation-\(name)", from: start, configuration: configuration, progress: progress)))
    }
    try ablate("without-l1", cost: TrainingCost(l1: 0), key: "orthogonality")
    try ablate("without-orthogonality", cost: TrainingCost(orthogonality: 0), key: "l1")
    try ablate("without-both", cost: .none, key: "neither")
    try ablate("relative-threshold", cost: TrainingCost(), key: "both", score: ScoreOptions(threshold: .relative(0.1)))
    try ablate("max-then-sum", cost: TrainingCost(), key: "both", score: ScoreOptions(aggregation: .maxThenSum))
    return result
  }

  private func deep(progress: ProgressReporter) throws -> IterativeRun? {
    guard context.catalog.isAvailable("resnet56-cifar10") else { return nil }
    var configuration = runner.configuration("class", seed: context.seed)
    configuration.initialImages = workload.preparation * workload.unit
    configuration.finalImages = 2 * workload.unit
    return try runner.run(
      "resnet56", from: Subject.pretrained(context, depth: 56), configuration: configuration, progress: progress)
  }

  private func stopRule(progress: ProgressReporter) throws -> StopRule {
    try context.step("stop-rule") {
      var configuration = runner.configuration("class", seed: context.seed)
      configuration.rule = RemovalRule(strategy: .threshold(.constant(0.3)))
      configuration.retrainImages = min(2_560, workload.unit)
      configuration.finalImages = 0
      configuration.maximumRounds = 30
      var pruner = try Pruner(
        configuration, train: subject.train, validation: subject.validation, normalization: subject.normalization)
      pruner.isCancelled = { context.isCancelled }
      pruner.onProgress = { phase, fraction in progress.report(fraction, "stop rule: \(phase)") }
      let (_, report) = try pruner.run(subject.network)
      try context.checkCancellation()
      return StopRule(
        stop: report.stop, rounds: report.rounds.count, removed: report.rounds.reduce(0) { $0 + $1.removed },
        lowestRemaining: Double(report.lowestRemainingScore ?? 0), reduction: report.parameterReduction)
    }
  }
}
