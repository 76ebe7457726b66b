import LogicFlow
import ReproductionKit
import Testing

@Suite struct ExperimentTests {
  /// Without the tables a synthetic room stands in, says so, and no claim about real data is made.
  @Test func syntheticFallbackSaysSo() async throws {
    let context = try RunContext.temporary(
      for: ExperimentDescription(LogicFlowExperiment.self), options: ["sets": "wdbc", "epochs": "2", "leaves": "8"],
      catalog: DataCatalog(roots: []))
    let report = try await LogicFlowExperiment().run(context)
    #expect(report.claims.count == 8)
    #expect(report.claim("R2")?.verdict == .holds)
    #expect(report.claim("R1")?.verdict.name == report.claim("R7")?.verdict.name)
    #expect(report.notes.contains { $0.contains("SYNTHETIC") })
    #expect(report.provenance.data.allSatisfy { $0.origin == .synthetic })
    #expect(report.tables.count >= 4 && report.charts.count == 3)
  }

  @Test func unknownSetsAreRefused() async throws {
    let context = try RunContext.temporary(
      for: ExperimentDescription(LogicFlowExperiment.self), options: ["sets": "mnist"])
    await #expect(throws: LogicFlowError.self) { try await LogicFlowExperiment().run(context) }
  }
}
