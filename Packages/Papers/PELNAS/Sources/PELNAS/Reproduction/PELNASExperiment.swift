import ReproductionKit

/// Reproduction of "PEL-NAS: Search Space Partitioned Architecture Prompt Co-Evolutionary LLM-driven Hardware-Aware Neural Architecture
/// Search".
///
/// Options: `data` (`auto`, `synthetic`), `seeds`, `grammar-samples`.
public struct PELNASExperiment: Experiment {
  public static let id = "pelnas"
  public static let title = "PELNAS: partitioned, co-evolving, hardware-aware architecture search"
  public static let citation = Citation(
    authors: ["Hengyi Zhu", "Grace Li Zhang", "Shaoyi Huang"],
    title:
      "PEL-NAS: Search Space Partitioned Architecture Prompt Co-Evolutionary LLM-driven Hardware-Aware Neural Architecture Search",
    venue: "arXiv", year: 2025, arxiv: "2510.01472")

  /// Creates the experiment.
  public init() {}

  public func run(_ context: RunContext) async throws -> Report {
    let workload = try Workload(context)
    let subject = try Subject.load(context)
    let phases = context.progress.phases([
      "tables": 1, "predictor": 2, "proxies": context.scaled(quick: 3, full: 25), "loop": 6, "ablations": 12,
      "active": 12,
      "local model": context.scaled(quick: 12, full: 40),
    ])
    phases["tables"].report(0)
    var results = [try context.step("tables", as: StudyResult.self) { try TableStudy(subject: subject).run() }]
    phases["predictor"].report(0)
    results.append(
      try context.step("predictor", as: StudyResult.self) {
        try PredictorStudy(subject: subject, seed: context.seed).run()
      })
    results.append(
      try context.step("proxies", as: StudyResult.self) {
        try ProxyStudy(subject: subject, workload: workload, context: context).run(phases["proxies"])
      })
    results.append(
      try await context.step("loop", as: StudyResult.self) {
        try await LoopStudy(subject: subject, workload: workload, context: context).run(phases["loop"])
      })
    results.append(
      try await context.step("ablations", as: StudyResult.self) {
        try await AblationStudy(subject: subject, workload: workload, context: context).run(phases["ablations"])
      })
    results.append(
      try context.step("active", as: StudyResult.self) {
        try ActiveStudy(subject: subject, workload: workload, context: context).run(phases["active"])
      })
    results.append(
      try await context.step("local-model", as: StudyResult.self) {
        try await LocalModelStudy(subject: subject, workload: workload, context: context).run(phases["local model"])
      })
    var report = ReportBuilder(context)
    for result in results {
      report.add(result.claims)
      for table in result.tables { report.add(table) }
      for chart in result.charts { report.add(chart) }
      for note in result.notes { report.note(note) }
    }
    if let reason = subject.reason { report.note("Claims about the benchmark are not tested: \(reason).") }
    return report.build()
  }
}
