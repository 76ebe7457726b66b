import LanguageModel
import ReproductionKit

/// Beyond the paper: the plan of least summed loss with its certificate, and one file served at several ranks.
struct PlannerStudy {
  let bench: Workbench
  let perplexities: PerplexityStudy

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    guard bench.workload.isFull else { return StudyResult() }
    var optimal = Table(
      title: "Optimal plans: ranks and contiguous groups of up to two layers",
      caption:
        "Loss: summed relative loss per matrix on pooled inputs. No plan within the budget has less than the bound (weak duality).",
      columns: [
        .number("ratio", unit: "%", decimals: 0), .number("loss", decimals: 4), .number("bound", decimals: 4),
        .number("groups"), .number("of two layers"), .number("dense matrices"), .number("WikiText-2", decimals: 2),
        .number("refitted", decimals: 2), .number("SVD-LLM", decimals: 2),
      ])
    var gaps: [MeasuredValue] = []
    for ratio in bench.workload.criterionRatios {
      let solution = try bench.context.step("optimal-\(Int(100 * ratio))", as: GlobalPlanner.Solution.self) {
        try GlobalPlanner(bench.compressor(), longest: 2, progress: progress).plan(ratio: ratio)
      }
      let scores = try [RefitMode.none, .own].map { refit in
        try bench.score("optimal-\(refit.rawValue)-r\(Int(100 * ratio))", progress) {
          try bench.compressed(solution.plan, refit: refit).model()
        }
      }
      let covered = solution.plan.groups.reduce(0) { $0 + $1.layers.count }
      optimal.append([
        .number(100 * ratio), .number(solution.loss), .number(solution.lowerBound),
        .integer(solution.plan.groups.count),
        .integer(solution.plan.groups.count { $0.layers.count == 2 }),
        .integer(LinearSite.allCases.count * bench.shapes.layers - covered), .number(scores[0].first.value),
        .number(scores[1].first.value), perplexities.perplexity("SVD-LLM", ratio).map { .number($0) } ?? nil,
      ])
      gaps.append(
        MeasuredValue(
          100 * (solution.loss / max(solution.lowerBound, 1e-12) - 1), unit: "%", label: "\(Int(100 * ratio)) %",
          decimals: 3))
    }
    return StudyResult(
      claims: [
        Claim(
          id: "P", statement: "optimal plan: loss above the proven lower bound", measured: gaps, criterion: .atMost(1))
      ], tables: [optimal, try elastic(progress)])
  }

  /// A file of 20 % served at smaller ranks, beside factors that were planned for these.
  private func elastic(_ progress: ProgressReporter) throws -> Table {
    var table = Table(
      title: "One elastic file: gqa at 20 %, basis vectors cut at run time",
      caption: "Refitting coefficients for the smaller basis is not part of cutting.",
      columns: [
        .number("basis vectors kept", unit: "%", decimals: 0), .number("parameters", decimals: 3),
        .number("WikiText-2", decimals: 2),
      ])
    for keep in [1, 0.875, 0.75, 0.625] {
      let plan = try SharingPlan.paper(
        shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, shapes: bench.shapes)
      let score = try bench.score("elastic-\(Int(1000 * keep))", progress) {
        try bench.compressed(plan).truncated(keeping: keep).model()
      }
      let parameters = plan.groups.reduce(0) {
        var group = $1
        group.rank = Int((keep * Double(group.rank)).rounded())
        return $0 + group.parameters(bench.shapes)
      }
      table.append([
        .number(100 * keep), .number(Double(parameters) / Double(bench.shapes.blockParameters)),
        .number(score.first.value),
      ])
    }
    return table
  }
}
