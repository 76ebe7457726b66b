import BasisSharing
import ReproductionKit
import Testing

@Suite struct ExperimentTests {
  private static let options = [
    "model": "tiny", "window": "48", "calibration-windows": "4", "windows": "2", "second-windows": "1",
  ]

  @Test func quickScaleOnTheTinyModel() async throws {
    let context = try RunContext.temporary(
      for: ExperimentDescription(BasisSharingExperiment.self), options: Self.options)
    let report = try await BasisSharingExperiment().run(context)
    let ids = report.claims.map(\.id)
    #expect(ids == ["1a", "1b", "2", "3a", "3b", "3c", "4a", "4b", "4c", "4d", "5", "6", "7a", "8", "9a", "9b", "G"])
    for id in ["1a", "1b", "9a"] { #expect(report.claim(id)?.verdict == .holds, "\(id)") }
    // Claims about the published model are not tested on another one.
    for id in ["3a", "4a", "4b", "8"] {
      guard case .notTested = report.claim(id)?.verdict else {
        Issue.record("\(id) was tested on the tiny model")
        continue
      }
    }
    #expect(report.provenance.data.map(\.origin) == [.synthetic])
    #expect(report.tables.count >= 5 && report.charts.count >= 5)
    // A resumed run replays every step and reports the same.
    let again = try await BasisSharingExperiment().run(context)
    #expect(again.claims == report.claims && again.tables == report.tables)
  }

  @Test func fullScaleOnTheTinyModel() async throws {
    var options = Self.options
    options.merge(["update-windows": "2", "recovery-steps": "2", "recovery-length": "32"]) { $1 }
    let context = try RunContext.temporary(
      for: ExperimentDescription(BasisSharingExperiment.self), scale: .full, options: options)
    let report = try await BasisSharingExperiment().run(context)
    #expect(report.claims.map(\.id).contains("7b") && report.claim("P")?.verdict == .holds)
    #expect(report.charts.map(\.name).contains("heat-map-key"))
  }

  @Test func impossibleOptionsAreNamed() async throws {
    let context = try RunContext.temporary(
      for: ExperimentDescription(BasisSharingExperiment.self), options: ["model": "tiny", "windows": "0"])
    await #expect(throws: BasisSharingError.invalidSetting(name: "windows", value: "0", expected: "a positive number"))
    {
      try await BasisSharingExperiment().run(context)
    }
  }
}
