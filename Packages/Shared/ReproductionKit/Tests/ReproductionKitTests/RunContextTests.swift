import Foundation
import ReproductionKit
import Testing

@Suite struct RunContextTests {
  private struct Result: Codable, Equatable {
    var name: String
    var values: [Double]
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }
  private let demo = ExperimentDescription(id: "demo", title: "Demo")

  private func context(resume: Bool = true, options: [String: String] = [:]) throws -> RunContext {
    let request = RunRequest(experiment: "demo", scale: .quick, seed: 1, options: options)
    return RunContext(
      experiment: demo, output: try RunFolder.open(in: folder.url, for: request, resume: resume),
      catalog: try DataCatalog(roots: []))
  }

  @Test func stepsAreReplayed() async throws {
    let expected = Result(name: "ä/ö \"quoted\"", values: [1.25, -3e-7])
    let first = try context()
    #expect(
      try await first.step("train α/β", as: Result.self) {
        await Task.yield(); return expected
      } == expected)
    let second = try context()
    #expect(second.output.isResumed)
    let replayed = try second.step("train α/β", as: Result.self) {
      Issue.record("the step ran again")
      return Result(name: "", values: [])
    }
    #expect(replayed == expected)
    #expect(second.provenance().replayedSteps == ["train α/β"])
    let fresh = try context(resume: false)
    #expect(try fresh.step("train α/β", as: Int.self) { 4 } == 4)
  }

  @Test func namesThatDifferStayApart() throws {
    let context = try context()
    for (index, name) in ["a/b", "a_b", "a%2Fb", "A/B", ".a", "a"].enumerated() {
      #expect(try context.step(name, as: Int.self) { index } == index)
    }
    #expect(try context.step("a%2Fb", as: Int.self) { -1 } == 2)
  }

  @Test func failedStepsAreNotSaved() throws {
    struct Stop: Error {}
    let context = try context()
    #expect(throws: Stop.self) { try context.step("s", as: Int.self) { throw Stop() } }
    #expect(try context.step("s", as: Int.self) { 5 } == 5)
  }

  @Test(arguments: [
    "", "{", "[1]", "{\"step\":\"s\",\"seconds\":1,\"value\":\"text\"}", "{\"step\":\"t\",\"seconds\":1,\"value\":1}",
  ])
  func corruptedCheckpointsAreRecomputedOrReported(_ content: String) throws {
    let context = try context()
    let file = try folder.write(content, to: "demo/\(context.output.url.lastPathComponent)/checkpoints/s.json")
    let error = #expect(throws: RunError.self) { try context.step("s", as: Int.self, onCorruption: .fail) { 3 } }
    #expect(error?.description.contains(file.lastPathComponent) == true)
    #expect(error?.description.contains("delete the file") == true)
    #expect(error?.description.contains("\n") == false)
    #expect(try context.step("s", as: Int.self) { 3 } == 3)
    #expect(ReportBuilder(context).build().notes.contains { $0.contains("computed again") })
    #expect(try context.step("s", as: Int.self, onCorruption: .fail) { 4 } == 3)
  }

  @Test func valuesThatJSONCannotHoldAreAnError() throws {
    let error = #expect(throws: RunError.self) { try context().step("nan", as: Double.self) { .nan } }
    #expect(error?.description.contains("nan") == true)
  }

  @Test func fileSteps() async throws {
    let first = try context()
    let url = try await first.fileStep("weights/net.bin") {
      await Task.yield()
      try Data([1, 2, 3]).write(to: $0)
    }
    #expect(try Data(contentsOf: url) == Data([1, 2, 3]))
    let again = try context().fileStep("weights/net.bin") { _ in Issue.record("the step ran again") }
    #expect(again.standardizedFileURL == url.standardizedFileURL)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try first.fileStep("half.bin") {
        try Data([1]).write(to: $0)
        throw Stop()
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: first.output.artefacts.path)
    #expect(names.sorted() == ["weights"])
    #expect(ReportBuilder(first).build().artefacts.first == "artefacts/weights/net.bin")
  }

  @Test(arguments: ["", "../x", "/etc/x", "a//b", "a/.b", "a b"])
  func unsafeArtefactNamesAreRejected(_ name: String) throws {
    let context = try context()
    #expect(throws: RunError.self) { try context.file(name) }
  }

  @Test func cancellationStopsBeforeTheNextStep() throws {
    let flag = CancellationFlag()
    let request = RunRequest(experiment: "demo", scale: .quick, seed: 1)
    let context = RunContext(
      experiment: demo, output: try RunFolder.create(in: folder.url, for: request),
      catalog: try DataCatalog(roots: []), cancellation: flag)
    #expect(try context.step("a", as: Int.self) { 1 } == 1)
    try context.checkCancellation()
    #expect(!flag.raise())
    #expect(flag.raise())
    #expect(context.isCancelled)
    #expect(throws: Interrupted.self) { try context.checkCancellation() }
    #expect(throws: Interrupted.self) { try context.step("b", as: Int.self) { 2 } }
    #expect(try context.step("a", as: Int.self) { 9 } == 1)
  }

  @Test func taskCancellationCounts() async throws {
    let context = try context()
    let task = Task {
      while !context.isCancelled { await Task.yield() }
      try context.checkCancellation()
    }
    task.cancel()
    await #expect(throws: Interrupted.self) { try await task.value }
  }

  private enum Network: String, CaseIterable { case resnet20, resnet56 }

  @Test func options() throws {
    let context = try context(options: ["n": "12", "x": "0.5", "on": "yes", "network": "resnet56", "bad": "maybe"])
    #expect(try context.option("n", default: 1) == 12)
    #expect(try context.option("x", default: 1.0) == 0.5)
    #expect(try context.option("on", default: false))
    #expect(try context.option("network", default: Network.resnet20) == .resnet56)
    #expect(context.option("absent", default: "text") == "text")
    #expect(try context.option("absent", default: 3) == 3)
    #expect(throws: RunError.self) { try context.option("bad", default: 1) }
    #expect(throws: RunError.self) { try context.option("bad", default: 1.0) }
    #expect(throws: RunError.self) { try context.option("bad", default: true) }
    let error = #expect(throws: RunError.self) { try context.option("bad", default: Network.resnet20) }
    #expect(error?.description == "option bad has the value \"maybe\", expected one of resnet20, resnet56")
  }

  @Test func resolvedDataAreRecordedOnce() throws {
    try folder.write("abc", to: "data/musique/q.json")
    let catalogURL = try folder.write(
      """
      {"schemaVersion":1,"entries":[{"name":"m","title":"t","kind":"text","origin":"recorded","provision":"files",
      "license":"MIT","redistributable":true,"homepage":"","usedBy":[],
      "locations":[{"path":"musique","format":"json","marker":"q.json","files":[]}],"sources":[],"whenAbsent":"w"}]}
      """, to: "catalog.json")
    let roots = [DataRoot(kind: .environment, url: folder.url.appendingPathComponent("data"))]
    let context = try RunContext.temporary(
      for: demo, catalog: try DataCatalog(catalogURL: catalogURL, roots: roots))
    defer {
      try? FileManager.default.removeItem(
        at: context.output.url.deletingLastPathComponent().deletingLastPathComponent())
    }
    _ = try context.catalog.resolve("m")
    _ = try context.catalog.resolve("m")
    context.record(DataSource(name: "synthetic", origin: .synthetic, license: "Apache-2.0", location: "generated"))
    let sources = context.provenance().data
    #expect(sources.map(\.name) == ["m", "synthetic"])
    #expect(sources[0].origin == .recorded)
    #expect(sources[0].location == "$HARDWISE_DATA")
    #expect(sources[0].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
