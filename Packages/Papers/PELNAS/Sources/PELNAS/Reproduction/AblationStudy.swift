import ReproductionKit

/// A1, S1 and C2: what each part of the method contributes, and how much the partition's axis and size matter.
struct AblationStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext

  private struct Variant: Sendable {
    let name: String
    let partition: @Sendable (SearchTask) -> Partition
    let proposer: @Sendable (Partition) -> any Proposer
    var usesNwot = false
    var usesTruth = false
    var childrenTimesNiches = 30
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let tasks = try subject.tasks([.cifar10])
    let features = try PredictorFeatures(subject.benchmark, .cifar10)
    var result = StudyResult()
    progress.report(0, "ablations")
    let full = try await rows(ablations, tasks, features, seeds: workload.ablationSeeds)
    result.tables.append(
      table("Ablations (A1): mean of six devices, \(workload.ablationSeeds) seeds", full))
    result.claims.append(
      subject.claim(
        "A1", "the paper's ablation: full, without partition, without a model (knowledge proposer, hvFull)",
        paper: "0.978; 0.516 without partition; 0.843 without the model",
        full.prefix(3).map { MeasuredValue(samples: $0.full, label: $0.name, decimals: 3) }, .reported,
        note: "a heuristic proposer has no exploration bias that a partition could cure"))
    progress.report(0.4, "sensitivity")
    let axes = try await rows(sensitivities, tasks, features, seeds: workload.sensitivitySeeds)
    result.tables.append(
      table("Sensitivity to axis and number of niches (S1), \(workload.sensitivitySeeds) seeds", axes))
    result.claims.append(
      subject.claim(
        "S1", "sensitivity to the partition: spread of mean hvFront over axis × K (knowledge proposer)",
        [
          MeasuredValue(axes.map { Statistics.mean($0.front) }.min() ?? 0, label: "lowest", decimals: 3),
          MeasuredValue(axes.map { Statistics.mean($0.front) }.max() ?? 0, label: "highest", decimals: 3),
        ], .reported))
    progress.report(0.8, "with and without partition")
    let pairs = try await rows(coverage, tasks, features, seeds: workload.ablationSeeds)
    result.tables.append(table("With and without partition on trained accuracies, 360 labels (C2)", pairs))
    result.claims.append(
      subject.claim(
        "C2", "does coverage become hypervolume? hvFront with and without partition; no direction is assumed",
        pairs.map { MeasuredValue(samples: $0.front, label: $0.name, decimals: 3) }, .reported))
    return result
  }

  private var ablations: [Variant] {
    [
      Variant(name: "full", partition: { _ in .conv3x3 }, proposer: { KnowledgeProposer($0) }),
      Variant(name: "no partition", partition: { _ in .none }, proposer: { KnowledgeProposer($0) }),
      Variant(name: "uniform instead of a proposer", partition: { _ in .conv3x3 }, proposer: { UniformProposer($0) }),
      Variant(name: "no rule base", partition: { _ in .conv3x3 }, proposer: { KnowledgeProposer($0, trust: 0) }),
      Variant(
        name: "raw nwot instead of the predictor", partition: { _ in .conv3x3 }, proposer: { KnowledgeProposer($0) },
        usesNwot: true),
    ]
  }

  private var sensitivities: [Variant] {
    let seed = context.seed
    let axes: [(String, @Sendable (SearchTask, Int) -> Partition)] = [
      ("FLOPs", { .flopsQuantile($1) }), ("latency", { .costQuantile($0, $1) }),
      ("random", { .random($1, seed: seed) }),
    ]
    var variants = [
      Variant(name: "K = 1", partition: { _ in .none }, proposer: { KnowledgeProposer($0, trust: 0) }),
      Variant(name: "conv3×3, K = 6", partition: { _ in .conv3x3 }, proposer: { KnowledgeProposer($0, trust: 0) }),
      Variant(
        name: "tree, depth 2", partition: { .tree($0, depth: 2, seed: seed) },
        proposer: { KnowledgeProposer($0, trust: 0) }),
    ]
    for (name, partition) in axes {
      for count in [3, 6, 10] {
        variants.append(
          Variant(
            name: "\(name), K = \(count)", partition: { partition($0, count) },
            proposer: { KnowledgeProposer($0, trust: 0) }))
      }
    }
    return variants
  }

  private var coverage: [Variant] {
    [
      Variant(
        name: "knowledge, K = 1", partition: { _ in .none }, proposer: { KnowledgeProposer($0) }, usesTruth: true),
      Variant(
        name: "knowledge, conv3×3", partition: { _ in .conv3x3 }, proposer: { KnowledgeProposer($0) }, usesTruth: true),
      Variant(name: "uniform, K = 1", partition: { _ in .none }, proposer: { UniformProposer($0) }, usesTruth: true),
      Variant(
        name: "uniform, conv3×3", partition: { _ in .conv3x3 }, proposer: { UniformProposer($0) }, usesTruth: true),
    ]
  }

  private struct Row: Sendable {
    let name: String
    var full: [Double] = []
    var front: [Double] = []
  }

  private func rows(
    _ variants: [Variant], _ tasks: [SearchTask], _ features: PredictorFeatures, seeds: Int
  ) async throws -> [Row] {
    let runs = tasks.count * seeds
    let qualities = try await concurrentSearches(variants.count * runs) { index in
      try context.checkCancellation()
      return try await quality(
        variants[index / runs], tasks[index % runs / seeds], features,
        seed: context.seed &+ 1 &+ UInt64(index % seeds))
    }
    return variants.enumerated().map { index, variant in
      let own = qualities[index * runs..<(index + 1) * runs]
      return Row(name: variant.name, full: own.map(\.hvFull), front: own.map(\.hvFront))
    }
  }

  private func quality(
    _ variant: Variant, _ task: SearchTask, _ features: PredictorFeatures, seed: UInt64
  ) async throws -> FrontQuality {
    let partition = variant.partition(task)
    let estimates =
      variant.usesTruth
      ? SearchEstimates.truth(task)
      : variant.usesNwot
        ? .proxy(.nwot, subject.benchmark, task.dataSet)
        : try .predicted(
          AccuracyPredictor.fit(features, task, labels: Workload.loopLabels, seed: seed), features)
    var configuration = SearchConfiguration()
    configuration.seed = seed
    configuration.initialPerNiche = max(1, 60 / partition.nicheCount)
    configuration.childrenPerCall = max(1, variant.childrenTimesNiches / partition.nicheCount)
    return try await CoevolutionSearch(
      task: task, partition: partition, estimates: estimates, proposer: variant.proposer(partition),
      configuration: configuration
    ).run(isCancelled: { context.isCancelled }).quality
  }

  private func table(_ title: String, _ rows: [Row]) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text("variant"), .number("hvFull", decimals: 3), .number("± sd", decimals: 3), .number("hvFront", decimals: 3),
        .number("± sd", decimals: 3),
      ])
    for row in rows {
      table.append([
        .text(row.name), .number(Statistics.mean(row.full)), .number(Statistics.standardDeviation(row.full)),
        .number(Statistics.mean(row.front)), .number(Statistics.standardDeviation(row.front)),
      ])
    }
    return table
  }
}
