import LanguageModel
import ReproductionKit

/// Reproduction of "Basis Sharing: Cross-Layer Parameter Sharing for Large Language Model Compression" (ICLR 2025).
///
/// Options: `model` (`auto`, `tiny`), `window`, `calibration-windows`, `windows`, `second-windows`, `update-windows`, `recovery-steps`,
/// `recovery-length`, `questions`.
public struct BasisSharingExperiment: Experiment {
  public static let id = "basissharing"
  public static let title = "BasisSharing: layers of a language model that share their bases"
  public static let citation = Citation(
    authors: ["Jingcun Wang", "Yu-Guang Chen", "Ing-Chao Lin", "Bing Li", "Grace Li Zhang"],
    title: "Basis Sharing: Cross-Layer Parameter Sharing for Large Language Model Compression", venue: "ICLR",
    year: 2025, arxiv: "2410.03765")

  /// Creates the experiment.
  public init() {}

  public func run(_ context: RunContext) async throws -> Report {
    let workload = try Workload(context)
    let subject = try Subject.load(context)
    let bench = Workbench(context, subject, workload)
    let phases = context.progress.phases([
      "Grams": context.scaled(quick: 24, full: 240), "exactness": 8, "pairs": 40, "spectra": 1,
      "perplexity": context.scaled(quick: 70, full: 640),
      "updates": context.scaled(quick: 0.1, full: 620), "recovery": context.scaled(quick: 0.1, full: 420),
      "speed": context.scaled(quick: 15, full: 30), "bytes": context.scaled(quick: 25, full: 100),
      "planner": context.scaled(quick: 0.1, full: 200), "choices": context.scaled(quick: 0.1, full: 200),
    ])
    _ = try bench.grams(phases["Grams"])
    let selection = SelectionStudy(bench: bench)
    var results = [try ExactnessStudy(bench: bench).run(phases["exactness"])]
    let verdicts = try selection.verdicts(phases["pairs"])
    let auto = SharingCriterion.sharedTypes(verdicts[0.2] ?? [])
    let perplexities = try PerplexityStudy(bench, auto: auto, phases["perplexity"])
    results.append(perplexities.result())
    results.append(try selection.result(verdicts))
    results.append(try SpectrumStudy(bench: bench).run(phases["spectra"]))
    results.append(try UpdateStudy(bench: bench, perplexities: perplexities).run(phases["updates"]))
    results.append(try RecoveryStudy(bench: bench, perplexities: perplexities).run(phases["recovery"]))
    results.append(try SpeedStudy(bench: bench).run(phases["speed"]))
    results.append(try await BytesStudy(bench: bench, perplexities: perplexities).run(phases["bytes"]))
    results.append(try PlannerStudy(bench: bench, perplexities: perplexities).run(phases["planner"]))
    results.append(try ChoiceStudy(bench: bench).run(phases["choices"]))
    bench.cleanUp()
    return report(context, results, bench)
  }

  private func report(_ context: RunContext, _ results: [StudyResult], _ bench: Workbench) -> Report {
    var report = ReportBuilder(context)
    report.add(results.flatMap(\.claims).sorted { $0.id < $1.id })
    for result in results {
      for table in result.tables { report.add(table) }
      for chart in result.charts { report.add(chart) }
      for note in result.notes { report.note(note) }
    }
    let workload = bench.workload
    report.note(
      "\"Original\" is the 4-bit file computed in 32-bit floats. Calibration: \(workload.calibrationWindows) windows of "
        + "\(workload.window) tokens; the specification's full scale names 128, and 32 windows of WikiText-2 and 16 of PTB for "
        + "evaluation instead of \(workload.windows) and \(workload.secondWindows): reduced for two cores.")
    report.note(
      "A model of this size breaks at ratios that a 7 B model survives: orderings are compared, not absolute values.")
    if let reason = bench.subject.reason { report.note("Claims about SmolLM2 are not tested: \(reason).") }
    return report.build()
  }
}
