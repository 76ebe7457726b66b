import LanguageModel
import ReproductionKit

/// Claim 5: coefficients refitted to the inputs that compression changed.
struct UpdateStudy {
  let bench: Workbench
  let perplexities: PerplexityStudy

  private struct Row {
    let method: String
    let ratio: Double
    let mode: UpdateMode
    let target: UpdateTarget
    let perplexity: Double
  }

  private static let statement =
    "update: sequential with the original outputs as target is the best mode and not worse than none, at every ratio"

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    guard !bench.workload.updateRatios.isEmpty else {
      return StudyResult(claims: [
        .notTested(
          id: "5", statement: Self.statement, criterion: .isTrue, reason: "updates are part of the full scale")
      ])
    }
    var rows: [Row] = []
    for ratio in bench.workload.updateRatios {
      for mode in [UpdateMode.allAtOnce, .sequential] {
        rows += try self.rows("gqa", .gqa, ratio, mode, UpdateTarget.allCases, progress)
      }
      guard ratio == bench.workload.updateRatios.last else { continue }
      rows += try self.rows("SVD-LLM", .separate, ratio, .allAtOnce, [.group], progress)
      rows += try self.rows("SVD-LLM", .separate, ratio, .sequential, [.cross], progress)
    }
    var result = StudyResult(tables: [table(rows)])
    let holds = bench.workload.updateRatios.allSatisfy { ratio in
      let own = rows.filter { $0.ratio == ratio && $0.method == "gqa" }
      let best = own.min { $0.perplexity < $1.perplexity }
      return best?.mode == .sequential && best?.target == .cross
        && (best?.perplexity ?? .infinity) <= perplexities.perplexity("gqa", ratio) ?? 0
    }
    result.claims = [
      bench.subject.claim(
        "5", Self.statement, [MeasuredValue(truth: holds)], .isTrue,
        note: bench.workload.updateRatios.map { ratio in
          "\(Int(100 * ratio)) %: none \(number(perplexities.perplexity("gqa", ratio) ?? 0)), "
            + rows.filter { $0.ratio == ratio && $0.method == "gqa" }.map {
              "\($0.mode.rawValue) \($0.target.rawValue) \(number($0.perplexity))"
            }.joined(separator: ", ")
        }.joined(separator: "; "))
    ]
    return result
  }

  /// The perplexities behind an update of one mode to some targets.
  private func rows(
    _ name: String, _ preset: SharingPreset, _ ratio: Double, _ mode: UpdateMode, _ targets: [UpdateTarget],
    _ progress: ProgressReporter
  ) throws -> [Row] {
    // An update all at once serves every target with one collection of inputs.
    let together = Cached { try updated(preset, ratio, mode, targets) }
    return try targets.enumerated().map { index, target in
      let step = "\(name)-r\(Int(100 * ratio))-\(mode.rawValue)-\(target.rawValue)"
      let score = try bench.score(step, progress) {
        if mode == .allAtOnce { return try together.value()[index].model() }
        return try updated(preset, ratio, mode, [target])[0].model()
      }
      return Row(method: name, ratio: ratio, mode: mode, target: target, perplexity: score.first.value)
    }
  }

  private func updated(
    _ preset: SharingPreset, _ ratio: Double, _ mode: UpdateMode, _ targets: [UpdateTarget]
  ) throws -> [CompressedModel] {
    try CoefficientUpdate(
      original: bench.subject.model, calibrator: bench.calibrator().prefix(bench.workload.updateWindows), mode: mode,
      target: targets[0]
    ).updated(bench.compressed(preset, ratio: ratio), to: targets, isCancelled: { bench.context.isCancelled })
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table(
      title: "Coefficient updates, WikiText-2 perplexity",
      caption:
        "\(bench.workload.updateWindows) calibration windows. group: W on the pooled changed inputs (the public code); layer: on each "
        + "layer's own; cross: the original outputs XW.",
      columns: [
        .text("method"), .number("ratio", unit: "%", decimals: 0), .text("mode"), .text("target"),
        .number("before", decimals: 2), .number("after", decimals: 2),
      ])
    for row in rows {
      table.append([
        .text(row.method), .number(100 * row.ratio), .text(row.mode.rawValue), .text(row.target.rawValue),
        perplexities.perplexity(row.method, row.ratio).map { .number($0) } ?? nil, .number(row.perplexity),
      ])
    }
    return table
  }

  private func number(_ value: Double) -> String { MeasuredValue(value, decimals: 1).text }
}
