import ReproductionKit

/// B1, B2 and C1: the exploration bias of the local model in one-shot samples, and what the partition does to it.
struct BiasStudy {
  let subject: Subject
  let source: ModelSource
  let samples: [ModelSample]

  func run() throws -> StudyResult {
    StudyResult(
      claims: [try bias(), temperatureEffect(), coverage()], tables: [try samplesTable(), biasTable()])
  }

  private func find(_ temperature: Double, partitioned: Bool, wish: ModelSample.Wish = .normal) -> ModelSample? {
    samples.first {
      $0.setting == ModelSample.Setting(temperature: temperature, isPartitioned: partitioned, wish: wish)
    }
  }

  private func claim(
    _ id: String, _ statement: String, _ measured: [MeasuredValue], _ criterion: Criterion, note: String? = nil
  ) -> Claim {
    let notes = [note, "proposer: \(source.name)"].compactMap { $0 }
    return subject.claim(id, statement, measured, criterion, note: notes.joined(separator: "; "))
  }

  private func bias() throws -> Claim {
    let cells = find(0.2, partitioned: false)?.cells ?? []
    var below = 0
    var details: [String] = []
    for task in try subject.tasks([.cifar10]) {
      let chance = (0..<200 as Range<UInt64>).map { seed in
        task.hvFront(of: RandomSearch().run(task, .truth(task), budget: ModelSample.size, seed: seed))
      }
      let bound = Statistics.percentile(chance, 10)
      let found = task.hvFront(of: cells)
      below += found < bound ? 1 : 0
      details.append(
        "\(task.deviceName) \(MeasuredValue(found, decimals: 2).text) against \(MeasuredValue(bound, decimals: 2).text)"
      )
    }
    return claim(
      "B1",
      "exploration bias: 48 cells of the local model at temperature 0.2, one prompt, no partition: at most half distinct, hvFront below "
        + "the 10th percentile of 200 uniform draws on at least 5 of 6 devices",
      [
        MeasuredValue(
          Double(Set(cells).count) / Double(max(1, cells.count)), label: "distinct share", decimals: 2),
        MeasuredValue(Double(below), label: "devices below", decimals: 0),
      ], .each([.atMost(0.5), .atLeast(5)]), note: details.joined(separator: ", "))
  }

  private func temperatureEffect() -> Claim {
    claim(
      "B2", "the bias is a matter of temperature too: distinct cells of 48 at temperature 1.0",
      [MeasuredValue(Double(find(1, partitioned: false)?.distinct ?? 0), label: "distinct", decimals: 0)], .reported)
  }

  private func coverage() -> Claim {
    let without = MeasuredValue(find(0.2, partitioned: false)?.entropy ?? .nan, decimals: 2)
    return claim(
      "C1",
      "the partition enforces coverage: normalised entropy of the niche histogram with the local model, temperature 0.2",
      [MeasuredValue(find(0.2, partitioned: true)?.entropy ?? .nan, label: "with", decimals: 2)], .atLeast(0.95),
      note: "\(without.text) without the partition; uniform sampling of the space 0.81")
  }

  private func samplesTable() throws -> Table {
    let tasks = try subject.tasks([.cifar10])
    var table = Table(
      title: "48 cells of the constrained local model in one shot (B1, B2, C1, C2)",
      caption: "Model: \(source.name). hvFull and hvFront: mean of six devices on CIFAR-10, trained accuracies.",
      columns: [
        .number("temperature", decimals: 1), .text("prompt"), .text("partition"), .number("distinct"),
        .number("niche entropy", decimals: 2), .number("hvFull", decimals: 3), .number("hvFront", decimals: 3),
      ])
    for sample in samples {
      let qualities = tasks.map { $0.quality(of: sample.cells) }
      table.append([
        .number(sample.setting.temperature), .text(sample.setting.wish.rawValue),
        .text(sample.setting.isPartitioned ? "conv3×3" : "none"), .integer(sample.distinct),
        .number(sample.entropy), .number(Statistics.mean(qualities.map(\.hvFull))),
        .number(Statistics.mean(qualities.map(\.hvFront))),
      ])
    }
    return table
  }

  /// The model's preferences, edge by edge.
  private func biasTable() -> Table {
    var table = Table(
      title: "What the local model prefers on each edge, temperature 1.0",
      caption:
        "Model: \(source.name). Mean probabilities without the partition; KL: divergence from an even choice among the digits that the "
        + "grammar allows; JS: divergence between the six niches' mean choices. Both in nats.",
      columns: [.text("edge")] + CellOperation.allCases.map { .number($0.shortName, decimals: 2) } + [
        .number("KL to even", decimals: 2), .number("KL to even, in niches", decimals: 2),
        .number("JS between niches", decimals: 2),
      ])
    guard let whole = find(1, partitioned: false)?.biases.first, let niches = find(1, partitioned: true)?.biases else {
      return table
    }
    let between = ChoiceBias.divergenceBetween(niches)
    for (edge, ends) in Cell.edges.enumerated() {
      table.append(
        [.text("\(ends.source)→\(ends.target)")] + whole.probabilities[edge].map { .number($0) } + [
          .number(whole.divergences[edge]), .number(Statistics.mean(niches.map { $0.divergences[edge] })),
          .number(between[edge]),
        ])
    }
    return table
  }
}
