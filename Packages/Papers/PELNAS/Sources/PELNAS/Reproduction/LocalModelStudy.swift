import FileKit
import Foundation
import ReproductionKit

/// B1, B2, C1, G1 and the loop with the local model: what a small language model contributes, and its bias.
struct LocalModelStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext

  private struct Sample: Sendable {
    let temperature: Double
    let partitioned: Bool
    let cells: [Cell]
    var distinct: Int { Set(cells).count }
    var entropy: Double { NicheHistogram.entropy(cells.map { Partition.conv3x3.niche(of: $0) }, niches: 6) }
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let url = context.catalog.isAvailable("smollm2") ? try context.catalog.resolve("smollm2").url : nil
    let model = try LlamaDigitModel.open(url)
    let prompts = try Prompts.standard()
    progress.report(0, "samples of \(model.name)")
    var samples: [Sample] = []
    for temperature in [0.2, 0.6, 1.0] {
      for partitioned in [false, true] {
        samples.append(try sample(model, prompts, temperature: temperature, partitioned: partitioned))
        try context.checkCancellation()
      }
    }
    var result = StudyResult()
    let missing = url == nil ? "SmolLM2's weights are not on this machine; the workspace's tiny model ran instead" : nil
    result.claims = try [bias(samples, missing), temperatureEffect(samples, missing), coverage(samples, missing)]
    result.tables = [try samplesTable(samples, model.name)]
    progress.report(0.15, "grammar")
    result.claims.append(try grammar(model, prompts, progress))
    progress.report(0.5, "search loop")
    let loop = try await loop(model, prompts, missing, progress)
    result.claims += loop.claims
    result.tables += loop.tables
    if let missing { result.notes = [missing + "; nothing is credited to SmolLM2."] }
    return result
  }

  private func proposer(
    _ model: any DigitModel, _ prompts: Prompts, _ partition: Partition, temperature: Double, device: String = "edgegpu"
  ) throws -> ConstrainedProposer {
    var options = ConstrainedProposer.Options()
    options.temperature = temperature
    return try ConstrainedProposer(
      model, partition: partition, prompts: prompts,
      task: PromptTask(device: device, dataSet: "cifar10", isDetailed: false), options: options)
  }

  /// 48 cells in answer to one fixed prompt.
  private func sample(
    _ model: any DigitModel, _ prompts: Prompts, temperature: Double, partitioned: Bool
  ) throws -> Sample {
    let partition: Partition = partitioned ? .conv3x3 : .none
    let proposer = try proposer(model, prompts, partition, temperature: temperature)
    let cells = try (0..<partition.nicheCount).flatMap { niche in
      try proposer.propose(
        to: prompts.baselineNormal, niche: niche, count: 48 / partition.nicheCount, seed: context.seed &+ UInt64(niche))
    }
    return Sample(temperature: temperature, partitioned: partitioned, cells: cells)
  }

  private func find(_ samples: [Sample], _ temperature: Double, _ partitioned: Bool) -> [Cell] {
    samples.first { $0.temperature == temperature && $0.partitioned == partitioned }?.cells ?? []
  }

  private func bias(_ samples: [Sample], _ missing: String?) throws -> Claim {
    let statement =
      "exploration bias: 48 cells of the local model at temperature 0.2, one prompt, no partition: at most half distinct, hvFront below the "
      + "10th percentile of 200 uniform draws on at least 5 of 6 devices"
    if let missing { return .notTested(id: "B1", statement: statement, reason: missing) }
    let cells = find(samples, 0.2, false)
    var below = 0
    var details: [String] = []
    for task in try subject.tasks([.cifar10]) {
      let chance = (0..<200 as Range<UInt64>).map { seed in
        task.hvFront(of: RandomSearch().run(task, .truth(task), budget: 48, seed: seed))
      }
      let bound = Statistics.percentile(chance, 10)
      let found = task.hvFront(of: cells)
      below += found < bound ? 1 : 0
      details.append(
        "\(task.deviceName) \(MeasuredValue(found, decimals: 2).text) against \(MeasuredValue(bound, decimals: 2).text)"
      )
    }
    return subject.claim(
      "B1", statement,
      [
        MeasuredValue(Double(Set(cells).count) / 48, label: "distinct share", decimals: 2),
        MeasuredValue(Double(below), label: "devices below", decimals: 0),
      ], .each([.atMost(0.5), .atLeast(5)]), note: details.joined(separator: ", "))
  }

  private func temperatureEffect(_ samples: [Sample], _ missing: String?) -> Claim {
    let statement = "the bias is a matter of temperature too: distinct cells of 48 at temperature 1.0"
    if let missing { return .notTested(id: "B2", statement: statement, reason: missing) }
    let cells = find(samples, 1, false)
    return subject.claim(
      "B2", statement, [MeasuredValue(Double(Set(cells).count), label: "distinct", decimals: 0)], .reported)
  }

  private func coverage(_ samples: [Sample], _ missing: String?) throws -> Claim {
    let statement =
      "the partition enforces coverage: normalised entropy of the niche histogram with the local model, temperature 0.2"
    if let missing { return .notTested(id: "C1", statement: statement, reason: missing) }
    let with = NicheHistogram.entropy(find(samples, 0.2, true).map { Partition.conv3x3.niche(of: $0) }, niches: 6)
    let without = NicheHistogram.entropy(find(samples, 0.2, false).map { Partition.conv3x3.niche(of: $0) }, niches: 6)
    return subject.claim(
      "C1", statement, [MeasuredValue(with, label: "with", decimals: 2)], .atLeast(0.95),
      note: "\(MeasuredValue(without, decimals: 2).text) without the partition; uniform sampling of the space 0.81")
  }

  private func samplesTable(_ samples: [Sample], _ name: String) throws -> Table {
    let tasks = try subject.tasks([.cifar10])
    var table = Table(
      title: "48 cells of the constrained local model (\(name)) in one shot (B1, B2, C1, C2)",
      caption: "hvFull and hvFront: mean of six devices on CIFAR-10, trained accuracies.",
      columns: [
        .number("temperature", decimals: 1), .text("partition"), .number("distinct"),
        .number("niche entropy", decimals: 2),
        .number("hvFull", decimals: 3), .number("hvFront", decimals: 3),
      ])
    for sample in samples {
      let qualities = tasks.map { $0.quality(of: sample.cells) }
      table.append([
        .number(sample.temperature), .text(sample.partitioned ? "conv3×3" : "none"), .integer(sample.distinct),
        .number(sample.entropy), .number(Statistics.mean(qualities.map(\.hvFull))),
        .number(Statistics.mean(qualities.map(\.hvFront))),
      ])
    }
    return table
  }

  /// Draws many cells over all niches and temperatures and looks for one outside its niche.
  private func grammar(_ model: LlamaDigitModel, _ prompts: Prompts, _ progress: ProgressReporter) throws -> Claim {
    let proposers = try [0.5, 1, 2].map { try proposer(model, prompts, .conv3x3, temperature: $0) }
    var drawn = 0
    var outside = 0
    while drawn < workload.grammarSamples {
      try context.checkCancellation()
      let niche = drawn / 50 % 6
      let cells = try proposers[drawn / 300 % 3].propose(
        to: prompts.baselineLatency, niche: niche, count: min(50, workload.grammarSamples - drawn),
        seed: context.seed &+ UInt64(drawn))
      drawn += cells.count
      outside += cells.count { Partition.conv3x3.niche(of: $0) != niche }
      progress.report(0.15 + 0.35 * Double(drawn) / Double(workload.grammarSamples), "grammar: \(drawn) cells")
    }
    return Claim(
      id: "G1", statement: "the grammar holds: cells of the constrained local model outside their niche",
      measured: MeasuredValue(Double(outside), unit: "of \(drawn)", decimals: 0), criterion: .exactly(0),
      note: "model: \(model.name), temperatures 0.5, 1 and 2")
  }

  private func loop(
    _ model: LlamaDigitModel, _ prompts: Prompts, _ missing: String?, _ progress: ProgressReporter
  ) async throws -> StudyResult {
    let features = try PredictorFeatures(subject.benchmark, .cifar10)
    var table = Table(
      title: "The loop with the local model, beside uniform and knowledge proposers at the same settings",
      caption:
        "Predictor on \(Workload.loopLabels) labels, \(workload.localGenerations) generations; re-scored with the trained accuracy.",
      columns: [
        .text("device"), .number("seed"), .text("proposer"), .number("cells"), .number("calls"), .number("fallbacks"),
        .number("duplicates"), .number("rules confirmed"), .number("hvFull", decimals: 3),
        .number("hvFront", decimals: 3),
        .number("time", unit: "s", decimals: 1),
      ])
    var seconds: [Double] = []
    var exact = true
    for device in workload.localDevices {
      let task = try SearchTask(subject.benchmark, .cifar10, on: .named(device))
      for seed in 0..<workload.localSeeds {
        let number = context.seed &+ 1 &+ UInt64(seed)
        let estimates = try SearchEstimates.predicted(
          AccuracyPredictor.fit(features, task, labels: Workload.loopLabels, seed: number), features)
        var configuration = SearchConfiguration()
        configuration.seed = number
        configuration.generations = workload.localGenerations
        let url = try context.file("recordings/local-\(device)-\(seed).jsonl")
        let local = try RecordingProposer(proposer(model, prompts, .conv3x3, temperature: 1, device: device), to: url)
        let proposers: [any Proposer] = [local, KnowledgeProposer(.conv3x3), UniformProposer(.conv3x3)]
        for (index, proposer) in proposers.enumerated() {
          try context.checkCancellation()
          progress.report(
            0.5 + 0.5 * Double(seconds.count) / Double(workload.localDevices.count * workload.localSeeds), device)
          let start = ContinuousClock.now
          let report = try await CoevolutionSearch(
            task: task, partition: .conv3x3, estimates: estimates, proposer: proposer, configuration: configuration
          ).run(isCancelled: { context.isCancelled })
          let time = (ContinuousClock.now - start).seconds
          table.append(row(device, seed, report, time))
          guard index == 0 else { continue }
          seconds.append(time)
          let replay = try await CoevolutionSearch(
            task: task, partition: .conv3x3, estimates: estimates, proposer: ReplayProposer(contentsOf: url),
            configuration: configuration
          ).run()
          exact = exact && replay.evaluated == report.evaluated && replay.rules == report.rules
        }
      }
    }
    var result = StudyResult(tables: [table])
    result.claims = [
      Claim(
        id: "R1", statement: "a recording of the local model replays to the same cells, rules and evidence",
        isTrue: exact, note: "\(seconds.count) searches; resumed searches are compared in the tests"),
      Claim(
        id: "T1b",
        statement: "cost of one search with the local model (\(model.name), \(workload.localGenerations) generations)",
        measured: MeasuredValue(samples: seconds, unit: "s", decimals: 1), criterion: .atMost(600)),
    ]
    return result
  }

  private func row(_ device: String, _ seed: Int, _ report: SearchReport, _ time: Double) -> [TableCell] {
    [
      .text(device), .integer(seed), .text(report.proposer.kind), .integer(report.evaluations),
      .integer(report.counters.updateCalls + report.counters.proposeCalls), .integer(report.counters.fallback),
      .integer(report.counters.duplicate), .integer(report.rules.reduce(0) { $0 + $1.count { $0.status == .active } }),
      .number(report.quality.hvFull), .number(report.quality.hvFront), .number(time),
    ]
  }
}
