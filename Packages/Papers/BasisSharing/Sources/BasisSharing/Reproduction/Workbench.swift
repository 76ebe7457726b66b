import Foundation
import LanguageModel
import ReproductionKit

/// What the studies share: Grams and decompositions that are made when first needed, and perplexities that are steps of the run.
final class Workbench {
  /// Perplexities of one model.
  struct Score: Sendable, Codable {
    let first: Perplexity
    let second: Perplexity?
  }

  let context: RunContext
  let subject: Subject
  let workload: Workload
  private var compressors: [WeightMetric: Compressor] = [:]
  private var collected: GramStore?

  init(_ context: RunContext, _ subject: Subject, _ workload: Workload) {
    self.context = context
    self.subject = subject
    self.workload = workload
  }

  var shapes: ModelShapes { ModelShapes(subject.model.config) }

  /// The file with the Grams, so that a resumed run does not collect them again.
  private var gramFile: URL { context.output.checkpoints.appendingPathComponent("grams") }

  func calibrator() throws -> Calibrator {
    try Calibrator(tokens: subject.training, window: workload.window, windows: workload.calibrationWindows)
  }

  /// Collects the Grams, or finds them.
  func grams(_ progress: ProgressReporter) throws -> GramStore {
    if let collected { return collected }
    let grams = try calibrator().grams(
      subject.model, checkpoint: gramFile, progress: progress, isCancelled: { [context] in context.isCancelled })
    collected = grams
    return grams
  }

  /// The compressor for a metric; decompositions are kept for later ratios.
  func compressor(_ metric: WeightMetric = .whitened) throws -> Compressor {
    if let known = compressors[metric] { return known }
    let compressor = Compressor(
      model: subject.model, grams: try grams(.silent), metric: metric, smallestRatio: workload.ratios.min() ?? 0.2)
    compressors[metric] = compressor
    return compressor
  }

  /// Decomposes the matrices of a type alone, which SVD-LLM needs anyway: their spectra then cost nothing more.
  func decomposeSingles(_ site: LinearSite) throws {
    let rank = shapes.rank(site, groupSize: 1, ratio: workload.ratios.min() ?? 0.2)
    _ = try compressor().decompose((0..<shapes.layers).map { SharingGroup(site: site, layers: [$0], rank: rank) })
  }

  /// Forgets the decompositions of a metric, which are large.
  func release(_ metric: WeightMetric) { compressors[metric] = nil }

  /// Compresses by a preset.
  func compressed(
    _ preset: SharingPreset, groupSize: Int = 2, ratio: Double, refit: RefitMode = .none,
    metric: WeightMetric = .whitened
  ) throws -> CompressedModel {
    try compressed(
      .paper(shared: preset.shared, groupSize: groupSize, ratio: ratio, shapes: shapes), refit: refit, metric: metric)
  }

  /// Compresses by a plan.
  func compressed(
    _ plan: SharingPlan, refit: RefitMode = .none, metric: WeightMetric = .whitened
  ) throws -> CompressedModel {
    try compressor(metric).compress(plan, refit: refit, isCancelled: { [context] in context.isCancelled })
  }

  /// The text of another kind, if it is evaluated.
  var secondTest: [Int32]? { workload.secondWindows > 0 ? subject.secondTest : nil }

  /// The perplexities of a model, computed once per run.
  func score(_ name: String, _ progress: ProgressReporter, _ model: () throws -> LlamaModel) throws -> Score {
    try context.step("score-" + name, as: Score.self) {
      progress.report(0, name)
      let model = try model()
      let first = try perplexity(model, subject.test, workload.windows, name, progress)
      let second = try secondTest.map { try perplexity(model, $0, workload.secondWindows, name, progress) }
      return Score(first: first, second: second)
    }
  }

  private func perplexity(
    _ model: LlamaModel, _ tokens: [Int32], _ windows: Int, _ name: String, _ progress: ProgressReporter
  ) throws -> Perplexity {
    try context.checkCancellation()
    return try model.perplexity(of: tokens, window: workload.window, windows: windows) { done in
      progress.report(done, of: windows, name)
    }
  }

  /// Removes what only a resumed run needs.
  func cleanUp() { try? FileManager.default.removeItem(at: gramFile) }
}
