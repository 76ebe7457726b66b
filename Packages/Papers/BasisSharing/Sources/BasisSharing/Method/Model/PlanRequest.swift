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
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func plan(_ compressor: Compressor, progress: ProgressReporter = .silent) throws -> SharingPlan {
    let shapes = compressor.shapes
    switch self {
    case .fixed(let plan):
      try plan.check(shapes)
      return plan
    case .preset(let preset, let groupSize, let ratio):
      return try .paper(shared: preset.shared, groupSize: groupSize, ratio: ratio, shapes: shapes)
    case .optimal(let longest, let ratio):
      return try GlobalPlanner(compressor, longest: longest, progress: progress).plan(ratio: ratio).plan
    case .auto(let ratio):
      // An impossible ratio is refused before the long work.
      _ = try SharingPlan.paper(shared: [], groupSize: 1, ratio: ratio, shapes: shapes)
      let criterion = SharingCriterion(compressor)
      let pairs = SharingCriterion.pairs(layers: shapes.layers)
      var verdicts: [SharingCriterion.Verdict] = []
      for (index, site) in LinearSite.allCases.enumerated() {
        verdicts += try pairs.flatMap { try criterion.judge(site, $0, ratios: [ratio]) }
        progress.report(index + 1, of: LinearSite.allCases.count, "pairs of \(site.rawValue)")
      }
      return try .paper(
        shared: SharingCriterion.sharedTypes(verdicts), groupSize: 2, ratio: ratio, shapes: shapes)
    }
  }
}
