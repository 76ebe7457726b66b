import FileKit
import PELNAS
import ReproductionKit
import Testing

@Suite struct ExperimentTests {
  @Test func theExperimentIsNamed() {
    #expect(PELNASExperiment.id == "pelnas" && PELNASExperiment.citation.year == 2025)
  }

  @Test func settingsOutOfRangeAreErrors() async throws {
    let context = try RunContext.temporary(
      for: ExperimentDescription(PELNASExperiment.self), options: ["seeds": "0", "data": "synthetic"])
    await #expect(throws: PELNASError.self) { try await PELNASExperiment().run(context) }
  }
}
