import LanguageModel
import ReproductionKit

/// How a plan is found.
public enum PlanRequest: Sendable, Hashable, Codable {
  /// The types of a preset share between adjacent layers; all matrices have the same ratio: the paper's plan.
  case preset(SharingPreset, groupSize: Int, ratio: Double)
  /// The types that gain by ``SharingCriterion`` share between pairs of layers.
  case auto(ratio: Double)
  /// ``GlobalPlanner``: ranks and contiguous groups of up to `longest` layers with the least summed loss.
  case optimal(longest: Int, ratio: Double)
  /// A given plan.
  case fixed(SharingPlan)

  /// The same request for another ratio; a given plan stays.
  public func with(ratio: Double) -> PlanRequest {
    switch self {
    case .preset(let preset, let groupSize, _): .preset(preset, groupSize: groupSize, ratio: ratio)
    case .auto: .auto(ratio: ratio)
    case .optimal(let longest, _): .optimal(longest: longest, ratio: ratio)
    case .fixed: self
    }
  }

  /// The plan.
  ///
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func plan(
    _ compressor: Compressor, progress: ProgressReporter = .silent, isCancelled: () -> Bool = { false }
  ) throws -> SharingPlan {
    let shapes = compressor.shapes
    switch self {
    case .fixed(let plan):
      try plan.check(shapes)
      return plan
    case .preset(let preset, let groupSize, let ratio):
      return try .paper(shared: preset.shared, groupSize: groupSize, ratio: ratio, shapes: shapes)
    case .optimal(let longest, let ratio):
      return try GlobalPlanner(compressor, longest: longest, progress: progress, isCancelled: isCancelled)
        .plan(ratio: ratio).plan
    case .auto(let ratio):
      let criterion = SharingCriterion(compressor)
      let pairs = SharingCriterion.pairs(layers: shapes.layers)
      var verdicts: [SharingCriterion.Verdict] = []
      for (index, site) in LinearSite.allCases.enumerated() {
        verdicts += try criterion.judge(site, pairs, ratios: [ratio], isCancelled: isCancelled).flatMap { $0 }
        progress.report(index + 1, of: LinearSite.allCases.count, "pairs of \(site.rawValue)")
      }
      return try .paper(
        shared: SharingCriterion.sharedTypes(verdicts), groupSize: 2, ratio: ratio, shapes: shapes)
    }
  }

  /// Refuses a request that no model of these shapes can meet, before any work is done.
  ///
  /// - Throws: ``BasisSharingError``.
  public func check(_ shapes: ModelShapes) throws(BasisSharingError) {
    switch self {
    case .fixed(let plan): try plan.check(shapes)
    case .preset(_, let groupSize, let ratio), .optimal(let groupSize, let ratio):
      _ = try SharingPlan.paper(shared: [], groupSize: groupSize, ratio: ratio, shapes: shapes)
    case .auto(let ratio):
      _ = try SharingPlan.paper(shared: [], groupSize: 1, ratio: ratio, shapes: shapes)
    }
  }
}
