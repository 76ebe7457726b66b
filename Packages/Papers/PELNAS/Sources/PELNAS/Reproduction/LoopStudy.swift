import ReproductionKit

/// M1–M3 and T1: the loop of the paper with the heuristic proposer, beside searches without a model, on the same estimates.
struct LoopStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext

  /// All searches of one task and seed.
  struct Trial: Sendable {
    let task: SearchTask
    let report: SearchReport
    let seconds: Double
    /// Quality of each baseline at 360 evaluations, by name.
    let baselines: [(name: String, quality: FrontQuality)]
    /// Rescored fronts of random search and NSGA-II at 120 evaluations.
    let lean: [ScoredCell]
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let tasks = try subject.tasks([.cifar10])
    let features = try PredictorFeatures(subject.benchmark, .cifar10)
    let count = tasks.count * workload.seeds
    progress.report(0, "\(count) searches of 360 cells")
    let trials = try await concurrentSearches(count) { index in
      try context.checkCancellation()
      return try await trial(
        tasks[index / workload.seeds], features, seed: context.seed &+ 1 &+ UInt64(index % workload.seeds))
    }
    var result = StudyResult()
    result.claims = [quality(trials), lowLatency(trials), savings(trials), cost(trials)]
    result.tables = [methods(trials), savingsTable(trials), rulesTable(trials)]
    result.charts = [front(trials[0]), coverage(trials[0]), operations(trials[0])]
    result.notes = [
      "Loop claims use the proposer '\(trials[0].report.proposer.text)': a heuristic without any model. Supernet methods are cited by the "
        + "paper, not re-run here."
    ]
    return result
  }

  private func trial(_ task: SearchTask, _ features: PredictorFeatures, seed: UInt64) async throws -> Trial {
    let clock = ContinuousClock()
    let start = clock.now
    let predictor = try AccuracyPredictor.fit(features, task, labels: Workload.loopLabels, seed: seed)
    let estimates = try SearchEstimates.predicted(predictor, features)
    var configuration = SearchConfiguration()
    configuration.seed = seed
    let report = try await CoevolutionSearch(
      task: task, partition: .conv3x3, estimates: estimates, proposer: KnowledgeProposer(.conv3x3),
      configuration: configuration
    ).run(isCancelled: { context.isCancelled })
    let seconds = (clock.now - start).seconds
    let methods: [any SearchMethod] = [
      RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), AgingEvolution(),
      ParetoLocalSearch(), ExhaustiveSearch(),
    ]
    var baselines = methods.map { method in
      (
        name: method.name,
        quality: task.quality(
          of: method.run(task, estimates, budget: Workload.evaluations, seed: seed), by: estimates)
      )
    }
    let diversity = try await QualityDiversitySearch(
      task: task, estimates: estimates, proposer: KnowledgeProposer(.none)
    ).run(budget: Workload.evaluations, seed: seed)
    baselines.append((name: "two-archive QD (knowledge)", quality: task.quality(of: diversity, by: estimates)))
    for proxy in [Proxy.nwot, .synflow, .params] {
      baselines.append(
        (
          name: "exhaustive on \(proxy.rawValue)",
          quality: task.quality(of: task.usable, by: .proxy(proxy, subject.benchmark, task.dataSet))
        ))
    }
    let lean = [RandomSearch() as any SearchMethod, NSGA2()].flatMap { method in
      task.score(
        task.front(of: method.run(task, estimates, budget: 120, seed: seed), by: estimates).map(\.cell)
      ).front()
    }
    return Trial(task: task, report: report, seconds: seconds, baselines: baselines, lean: lean)
  }

  private func quality(_ trials: [Trial]) -> Claim {
    subject.claim(
      "M1",
      "quality of the loop: predictor n = 200, 360 scored cells, six devices, front re-scored with the truth; proposer: knowledge",
      paper: "0.978 ± 0.017",
      [MeasuredValue(samples: trials.map(\.report.quality.hvFull), label: "hvFull", decimals: 3)],
      .atLeast(0.98),
      note:
        "hvFront \(MeasuredValue(samples: trials.map(\.report.quality.hvFront), decimals: 3).text); the paper's normalisation is unknown"
    )
  }

  private func lowLatency(_ trials: [Trial]) -> Claim {
    let points = [("edgegpu", 1.79, 91.9), ("fpga", 1.65, 89.5)]
    let shares = points.map { device, cost, accuracy in
      let ours = trials.filter { $0.task.deviceName == device }
      let reached = ours.count { $0.report.rescored.contains { $0.cost <= cost && $0.accuracy >= accuracy } }
      return MeasuredValue(
        Double(reached) / Double(max(1, ours.count)), label: "\(device) ≤ \(cost) ms at ≥ \(accuracy) %", decimals: 2)
    }
    return subject.claim(
      "M2", "the paper's low-latency points are reached in at least half of the seeds; proposer: knowledge",
      paper: "1.78 ms; 1.65 ms", shares, .atLeast(0.5))
  }

  /// The largest saving of latency at an accuracy at most half a point lower than a baseline's.
  private static func saving(_ trial: Trial) -> Double {
    trial.lean.reduce(0) { best, baseline in
      trial.report.rescored.filter { $0.accuracy >= baseline.accuracy - 0.5 }.reduce(best) {
        max($0, 1 - $1.cost / baseline.cost)
      }
    }
  }

  private func savings(_ trials: [Trial]) -> Claim {
    subject.claim(
      "M3",
      "lower latency at similar accuracy than random search and NSGA-II after 120 evaluations, largest over the front",
      paper: "≈ 54 % (against another method)",
      byDevice(trials).map {
        MeasuredValue(samples: $0.1.map { 100 * Self.saving($0) }, unit: "%", label: $0.0, decimals: 0)
      },
      .reported)
  }

  private func byDevice(_ trials: [Trial]) -> [(String, [Trial])] {
    Device.main.map { device in (device.id, trials.filter { $0.task.deviceName == device.id }) }
  }

  private func savingsTable(_ trials: [Trial]) -> Table {
    var table = Table(
      title: "Latency saved at an accuracy within half a point (M3)",
      caption: "Against the front points of random search and NSGA-II at 120 evaluations on the same estimates.",
      columns: [
        .text("device"), .number("largest saving", unit: "%", decimals: 1),
        .number("over seeds", unit: "± %", decimals: 1),
      ])
    for (device, ours) in byDevice(trials) {
      let values = ours.map { 100 * Self.saving($0) }
      table.append([
        .text(device), .number(Statistics.mean(values)), .number(Statistics.standardDeviation(values)),
      ])
    }
    return table
  }

  private func cost(_ trials: [Trial]) -> Claim {
    Claim(
      id: "T1", statement: "cost of one data set and device without a model: predictor and search; proposer: knowledge",
      paperValue: "≈ 3 min with 120 calls of GPT-4.1",
      measured: MeasuredValue(samples: trials.map(\.seconds), unit: "s", decimals: 2), criterion: .atMost(2),
      note: "several searches share the cores; \(Workload.loopLabels) trained labels and "
        + "\(trials[0].report.counters.updateCalls + trials[0].report.counters.proposeCalls) calls per search")
  }

  private func methods(_ trials: [Trial]) -> Table {
    var table = Table(
      title: "Searchers on the same estimates, 360 evaluations, CIFAR-10",
      caption:
        "Mean over six devices and \(workload.seeds) seeds; fronts by estimate, re-scored with the trained accuracy.",
      columns: [
        .text("method"), .number("hvFull", decimals: 3), .number("hvFront", decimals: 3), .number("± sd", decimals: 3),
        .number("IGD full", decimals: 4), .number("IGD front", decimals: 3), .number("IGD⁺ front", decimals: 3),
        .number("hit", decimals: 3),
      ])
    func add(_ name: String, _ qualities: [FrontQuality]) {
      table.append([
        .text(name), .number(Statistics.mean(qualities.map(\.hvFull))),
        .number(Statistics.mean(qualities.map(\.hvFront))),
        .number(Statistics.standardDeviation(qualities.map(\.hvFront))),
        .number(Statistics.mean(qualities.map(\.igdFull))), .number(Statistics.mean(qualities.map(\.igdFront))),
        .number(Statistics.mean(qualities.map(\.igdPlusFront))), .number(Statistics.mean(qualities.map(\.hit))),
      ])
    }
    add("co-evolution (knowledge)", trials.map(\.report.quality))
    for (index, baseline) in trials[0].baselines.enumerated() {
      add(baseline.name, trials.map { $0.baselines[index].quality })
    }
    return table
  }

  private func rulesTable(_ trials: [Trial]) -> Table {
    var table = Table(
      title: "Rule base of one search (\(trials[0].task.name)), confirmed rules",
      caption: "Effects on the niche's evaluated cells: with minus without; permutation p.",
      columns: [
        .text("niche"), .text("rule"), .number("support"), .number("Δ accuracy", unit: "points", decimals: 2),
        .number("Δ ln latency", decimals: 3), .number("p", decimals: 3), .number("born"),
      ])
    for rule in trials[0].report.rules.flatMap({ $0 }).filter({ $0.status == .active }).prefix(18) {
      guard let evidence = rule.evidence else { continue }
      table.append([
        .text(trials[0].report.niches[rule.niche]), .text(rule.text), .integer(evidence.support),
        .number(evidence.deltaAccuracy), .number(evidence.deltaLatency), .number(evidence.p), .integer(rule.born),
      ])
    }
    return table
  }

  private func front(_ trial: Trial) -> Chart { SearchCharts.front(trial.report, trial.task) }
  private func coverage(_ trial: Trial) -> Chart { SearchCharts.coverage(trial.report, trial.task) }
  private func operations(_ trial: Trial) -> Chart { SearchCharts.operations(trial.report) }
}
