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
    let modes: [UpdateMode] = [.allAtOnce, .sequential]
    for ratio in bench.workload.updateRatios {
      for mode in modes {
        for target in UpdateTarget.allCases {
          rows.append(try row("gqa", .gqa, ratio, mode, target, progress))
        }
      }
      rows.append(try row("SVD-LLM", .separate, ratio, .allAtOnce, .group, progress))
      rows.append(try row("SVD-LLM", .separate, ratio, .sequential, .cross, progress))
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

  private func row(
    _ name: String, _ preset: SharingPreset, _ ratio: Double, _ mode: UpdateMode, _ target: UpdateTarget,
    _ progress: ProgressReporter
  ) throws -> Row {
    let step = "\(name)-r\(Int(100 * ratio))-\(mode.rawValue)-\(target.rawValue)"
    let score = try bench.score(step, progress) {
      var compressed = try bench.compressed(preset, ratio: ratio)
      try CoefficientUpdate(
        original: bench.subject.model, calibrator: bench.calibrator().prefix(bench.workload.updateWindows), mode: mode,
        target: target
      ).apply(to: &compressed, isCancelled: { bench.context.isCancelled })
      return try compressed.model()
    }
    return Row(method: name, ratio: ratio, mode: mode, target: target, perplexity: score.first.value)
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
