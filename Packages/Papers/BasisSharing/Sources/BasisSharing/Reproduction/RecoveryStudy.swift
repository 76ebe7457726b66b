import Foundation
import LanguageModel
import ReproductionKit

/// Claim 7: what adapters on the coefficients bring back.
struct RecoveryStudy {
  let bench: Workbench
  let perplexities: PerplexityStudy

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let statement = "recovery: share of the log-perplexity gap to dense that LoRA closes at 20 %, n = 2"
    let steps = bench.workload.recoverySteps
    guard steps > 0 else {
      return StudyResult(claims: [
        .notTested(
          id: "7a", statement: statement, criterion: .atLeast(0.5), reason: "recovery is part of the full scale")
      ])
    }
    var table = Table(
      title: "Recovery by LoRA on the coefficients of query and value",
      caption:
        "\(steps) steps of \(bench.workload.recoveryLength) tokens, r = 8, α = 32, learning rate 1e-4; the paper trains two passes over "
        + "the whole training split.",
      columns: [
        .text("method"), .number("ratio", unit: "%", decimals: 0), .number("before", decimals: 2),
        .number("after", decimals: 2), .number("gap closed", decimals: 3),
      ])
    var closed: [String: Double] = [:]
    var after: [String: Double] = [:]
    for ratio in bench.workload.recoveryRatios {
      for (name, preset) in [("SVD-LLM", SharingPreset.separate), ("gqa", .gqa)] {
        let key = "\(name)-r\(Int(100 * ratio))"
        let score = try bench.score(key + "-recovered", progress) {
          var compressed = try bench.compressed(preset, ratio: ratio)
          let settings = CoefficientLoRA(steps: steps, length: bench.workload.recoveryLength, seed: bench.context.seed)
          try settings.train(
            &compressed, on: bench.subject.training,
            checkpoint: bench.context.output.checkpoints.appendingPathComponent("recovery-\(key).safetensors"),
            progress: progress, isCancelled: { bench.context.isCancelled })
          return try compressed.model()
        }
        let before = log(perplexities.perplexity(name, ratio) ?? 1)
        let gap = (before - score.first.meanLoss) / (before - perplexities.denseLoss)
        closed[key] = gap
        after[key] = score.first.value
        table.append([
          .text(name), .number(100 * ratio), .number(exp(before)), .number(score.first.value), .number(gap),
        ])
      }
    }
    return StudyResult(
      claims: [
        bench.subject.claim(
          "7a", statement, [MeasuredValue(closed["gqa-r20"] ?? 0, decimals: 3)], .atLeast(0.5),
          note: "\(steps) steps of \(bench.workload.recoveryLength) tokens only"),
        bench.subject.claim(
          "7b", "recovery at 50 %: perplexity behind LoRA, shared (gqa, n = 2) and SVD-LLM", paper: "10.56 and 13.26",
          [
            MeasuredValue(after["gqa-r50"] ?? 0, label: "gqa", decimals: 1),
            MeasuredValue(after["SVD-LLM-r50"] ?? 0, label: "SVD-LLM", decimals: 1),
          ], .reported),
      ], tables: [table])
  }
}
