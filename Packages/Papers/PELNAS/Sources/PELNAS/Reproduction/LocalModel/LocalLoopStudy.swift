import Foundation
import ReproductionKit

/// The loop with the local model: beside proposers without a model, with and without partition (C2b), its cost (T1b) and its replay (R1).
struct LocalLoopStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext
  let source: ModelSource
  let prompts: Prompts

  /// One search with the local model.
  struct Setting: Sendable, Hashable, Codable {
    let device: String
    /// Number of the seed, from 0.
    let seed: Int
    var temperature = 1.0
    var isPartitioned = true

    var name: String { "\(device)-t\(temperature)-\(isPartitioned ? "conv3x3" : "none")-\(seed)" }
  }

  /// A finished search.
  private struct Trial: Sendable, Codable {
    let setting: Setting
    let report: SearchReport
    let seconds: Double
    /// Whether the replay of its recording gave the same report.
    let isReplayed: Bool
  }

  /// - Returns: claims and tables, and the fingerprint of the first search.
  func run(_ progress: ProgressReporter) async throws -> (StudyResult, fingerprint: String) {
    let features = try PredictorFeatures(subject.benchmark, .cifar10)
    let settings = settings
    var trials: [Trial] = []
    for (index, setting) in settings.enumerated() {
      progress.report(index, of: settings.count, "\(setting.device), temperature \(setting.temperature)")
      // Minutes each: an interrupted run keeps those that are complete.
      trials.append(
        try await context.step("local-model-\(setting.name)", as: Trial.self) { try await trial(setting, features) })
    }
    let main = trials.filter { $0.setting.temperature == 1 && $0.setting.isPartitioned }
    var result = StudyResult(tables: [try await besideOthers(main, features)])
    result.claims = [replay(trials), cost(main)]
    if trials.count > main.count {
      result.tables.append(partitionTable(trials))
      result.claims.append(partition(trials))
    }
    return (result, try trials[0].report.fingerprint())
  }

  /// Devices × seeds at temperature 1, and on the first device all temperatures with and without the partition.
  private var settings: [Setting] {
    guard case .live = source else { return [Setting(device: "edgegpu", seed: 0)] }
    var list = workload.localDevices.flatMap { device in
      (0..<workload.localSeeds).map { Setting(device: device, seed: $0) }
    }
    if workload.comparesPartitions {
      for temperature in [0.2, 0.6, 1] {
        for isPartitioned in [true, false] {
          let setting = Setting(
            device: workload.localDevices[0], seed: 0, temperature: temperature, isPartitioned: isPartitioned)
          if !list.contains(setting) { list.append(setting) }
        }
      }
    }
    return list
  }

  private func trial(_ setting: Setting, _ features: PredictorFeatures) async throws -> Trial {
    let partition: Partition = setting.isPartitioned ? .conv3x3 : .none
    switch source {
    case .recorded(let recording):
      let replay = try ReplayProposer(contentsOf: ShippedRecording.searchURL())
      let report = try await search(setting, partition, features, proposer: replay)
      return Trial(
        setting: setting, report: report, seconds: 0,
        isReplayed: try report.fingerprint() == recording.searchFingerprint)
    case .live(let model):
      let url = try context.file("recordings/\(setting.name).jsonl")
      var options = ConstrainedProposer.Options()
      options.temperature = setting.temperature
      let proposer = try ConstrainedProposer(
        model, partition: partition, prompts: prompts,
        task: PromptTask(device: setting.device, dataSet: "cifar10", isDetailed: false), options: options)
      let start = ContinuousClock.now
      let report = try await search(setting, partition, features, proposer: RecordingProposer(proposer, to: url))
      let seconds = (ContinuousClock.now - start).seconds
      let replay = try await search(setting, partition, features, proposer: ReplayProposer(contentsOf: url))
      return Trial(
        setting: setting, report: report, seconds: seconds,
        isReplayed: try replay.fingerprint() == report.fingerprint())
    }
  }

  /// 360 cells, in as many calls as there are niches and generations.
  private func search(
    _ setting: Setting, _ partition: Partition, _ features: PredictorFeatures, proposer: any Proposer
  ) async throws -> SearchReport {
    let task = try SearchTask(subject.benchmark, .cifar10, on: .named(setting.device))
    let seed = context.seed &+ 1 &+ UInt64(setting.seed)
    let predictor = try AccuracyPredictor.fit(features, task, labels: Workload.loopLabels, seed: seed)
    var configuration = SearchConfiguration(cellsLike: partition)
    configuration.seed = seed
    configuration.generations = source.missing == nil ? workload.localGenerations : Workload.recordedGenerations
    return try await CoevolutionSearch(
      task: task, partition: partition, estimates: .predicted(predictor, features), proposer: proposer,
      configuration: configuration
    ).run(isCancelled: { context.isCancelled })
  }

  private func replay(_ trials: [Trial]) -> Claim {
    let isLive = source.missing == nil
    return Claim(
      id: "R1", statement: "a recording of the local model replays to the same report, to the last bit",
      isTrue: trials.allSatisfy(\.isReplayed),
      note: isLive
        ? "\(trials.count) searches; resumed searches are compared in the tests"
        : "the package's recording, made with the default seed on the published tables")
  }

  private func cost(_ trials: [Trial]) -> Claim {
    let generations = trials[0].report.configuration.generations
    let statement = "cost of one search with the local model (\(source.name), \(generations) generations)"
    if let missing = source.missing {
      return .notTested(id: "T1b", statement: statement, criterion: .atMost(600), reason: missing)
    }
    return Claim(
      id: "T1b", statement: statement,
      measured: MeasuredValue(samples: trials.map(\.seconds), unit: "s", decimals: 1), criterion: .atMost(600))
  }

  /// The local model beside uniform and knowledge proposers at the same settings.
  private func besideOthers(_ trials: [Trial], _ features: PredictorFeatures) async throws -> Table {
    var table = Table(
      title: "The loop with the local model, beside uniform and knowledge proposers at the same settings",
      caption:
        "Model: \(source.name). Predictor on \(Workload.loopLabels) labels, \(trials[0].report.configuration.generations) generations; "
        + "re-scored with the trained accuracy. Front cells by the proposer: those of the found front that were neither drawn at the "
        + "beginning nor fallbacks.",
      columns: [.text("device"), .number("seed"), .text("proposer")] + Self.columns)
    for trial in trials {
      let others: [any Proposer] = [KnowledgeProposer(.conv3x3), UniformProposer(.conv3x3)]
      table.append([.text(trial.setting.device), .integer(trial.setting.seed), .text(name(trial))] + row(trial))
      for other in others {
        try context.checkCancellation()
        let start = ContinuousClock.now
        let report = try await search(trial.setting, .conv3x3, features, proposer: other)
        let seconds = (ContinuousClock.now - start).seconds
        table.append(
          [.text(trial.setting.device), .integer(trial.setting.seed), .text(other.identity.kind)]
            + row(Trial(setting: trial.setting, report: report, seconds: seconds, isReplayed: true)))
      }
    }
    return table
  }

  private func name(_ trial: Trial) -> String {
    trial.report.proposer.kind + (trial.report.proposer.isReplayed ? " (replayed)" : "")
  }

  private static let columns: [TableColumn] = [
    .number("cells"), .number("calls"), .number("fallbacks"), .number("duplicates"), .number("rules confirmed"),
    .number("front cells by the proposer"), .number("hvFull", decimals: 3), .number("hvFront", decimals: 3),
    .number("time", unit: "s", decimals: 1),
  ]

  private func row(_ trial: Trial) -> [TableCell] {
    let report = trial.report
    return [
      .integer(report.evaluations), .integer(report.counters.updateCalls + report.counters.proposeCalls),
      .integer(report.counters.fallback), .integer(report.counters.duplicate),
      .integer(report.rules.joined().count { $0.status == .active }), .integer(report.frontCount(from: .proposer)),
      .number(report.quality.hvFull), .number(report.quality.hvFront), .number(trial.seconds),
    ]
  }

  /// Trials of the first device and seed, with and without partition.
  private func partition(_ trials: [Trial]) -> Claim {
    let values = paired(trials).map { trial in
      MeasuredValue(
        trial.report.quality.hvFront,
        label: "T \(trial.setting.temperature), \(trial.setting.isPartitioned ? "conv3×3" : "no partition")",
        decimals: 3)
    }
    return subject.claim(
      "C2b",
      "does coverage become hypervolume with a biased proposer? hvFront of the loop with the local model; no direction is assumed",
      paper: "0.978 with, 0.516 without the partition", values, .reported,
      note: "proposer: \(source.name), \(workload.localDevices[0]), one seed")
  }

  private func paired(_ trials: [Trial]) -> [Trial] {
    trials.filter { $0.setting.device == workload.localDevices[0] && $0.setting.seed == 0 }
      .sorted { left, right in
        left.setting.temperature != right.setting.temperature
          ? left.setting.temperature < right.setting.temperature
          : !left.setting.isPartitioned && right.setting.isPartitioned
      }
  }

  private func partitionTable(_ trials: [Trial]) -> Table {
    var table = Table(
      title: "The loop with the local model, with and without the partition (C2b)",
      caption: "Model: \(source.name), \(workload.localDevices[0]). Equal numbers of scored cells.",
      columns: [.number("temperature", decimals: 1), .text("partition"), .number("niche entropy", decimals: 2)]
        + Self.columns)
    for trial in paired(trials) {
      let niches = trial.report.evaluated.map { Partition.conv3x3.niche(of: $0.cell) }
      table.append(
        [
          .number(trial.setting.temperature), .text(trial.setting.isPartitioned ? "conv3×3" : "none"),
          .number(NicheHistogram.entropy(niches, niches: Partition.conv3x3.nicheCount)),
        ] + row(trial))
    }
    return table
  }
}
