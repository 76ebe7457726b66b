import LogicFlowVerify
import ReproductionKit

/// Reproduction of "Late Breaking Results: Conversion of Neural Networks into Logic Flows for Edge Computing" (DATE 2026).
///
/// Options: `sets` (names, separated by commas), `epochs`, `leaves` (most visited leaves that are decided).
public struct LogicFlowExperiment: Experiment {
  public static let id = "logicflow"
  public static let title = "LogicFlow: networks as certified if/else flows for small CPUs"
  public static let citation = Citation(
    authors: ["Daniel Stein", "Shaoyi Huang", "Rolf Drechsler", "Bing Li", "Grace Li Zhang"],
    title: "Late Breaking Results: Conversion of Neural Networks into Logic Flows for Edge Computing", venue: "DATE",
    year: 2026, arxiv: "2601.22151")

  /// Creates the experiment.
  public init() {}

  public func run(_ context: RunContext) async throws -> Report {
    let workload = try Workload(context)
    let results = try measure(context, workload)
    let findings = Findings(results: results, workload: workload, scale: context.scale)
    var report = ReportBuilder(context)
    report.add(findings.claims())
    for table in findings.tables() { report.add(table) }
    for chart in findings.charts() { report.add(chart) }
    for note in findings.notes() { report.note(note) }
    return report.build()
  }

  private func measure(_ context: RunContext, _ workload: Workload) throws -> [SetResult] {
    let data = try? context.catalog.resolve("logicflow")
    if let data {
      context.record(data.source())
    } else {
      context.record(
        DataSource(name: "synthetic room", origin: .synthetic, license: "Apache-2.0", location: "generated"))
      context.note("the tables of LogicFlow are absent: a synthetic room stands in for every set")
    }
    var results: [SetResult] = []
    let count = Double(workload.cases.count)
    for (index, study) in workload.cases.enumerated() {
      try context.checkCancellation()
      let progress = context.progress.phase(study.name, from: Double(index) / count, to: Double(index + 1) / count)
      results.append(
        try context.step(study.name, as: SetResult.self) {
          let table =
            try data.map { try SampleTable(csv: $0.file("\(study.set).csv")) }
            ?? SyntheticSamples.room(seed: study.seed)
          return try SetStudy(
            context: context, workload: workload, study: study, table: table, isSynthetic: data == nil,
            progress: progress
          ).run()
        })
    }
    return results
  }
}
