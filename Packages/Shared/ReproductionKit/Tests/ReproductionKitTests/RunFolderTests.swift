import Foundation
import ReproductionKit
import Testing

@Suite struct RunFolderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }
  private let request = RunRequest(experiment: "demo", scale: .quick, seed: 7, options: ["network": "resnet20"])

  @Test func createsFolderAndLatestLink() throws {
    let first = try RunFolder.create(in: folder.url, for: request, at: Date(timeIntervalSince1970: 1_700_000_000))
    #expect(first.url.lastPathComponent == "20231114-221320")
    #expect(!first.isResumed)
    let second = try RunFolder.create(in: folder.url, for: request, at: Date(timeIntervalSince1970: 1_700_000_000))
    #expect(second.url.lastPathComponent == "20231114-221320-2")
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: folder.url.appendingPathComponent("demo/latest").path)
    #expect(link == "20231114-221320-2")
    #expect(try folder.text("demo/latest/run.json").contains("\"running\""))
  }

  @Test func resumesTheNewestUnfinishedEqualRun() throws {
    func run(_ seconds: Double, _ request: RunRequest, _ state: RunDescription.State?) throws -> RunFolder {
      let made = try RunFolder.create(in: folder.url, for: request, at: Date(timeIntervalSince1970: seconds))
      if let state { try made.mark(state) }
      return made
    }
    #expect(try RunFolder.findUnfinished(in: folder.url, for: request) == nil)
    _ = try run(1000, request, nil)
    let wanted = try run(2000, request, .interrupted)
    _ = try run(3000, request, .finished)
    _ = try run(4000, RunRequest(experiment: "demo", scale: .full, seed: 7, options: request.options), nil)
    _ = try run(5000, RunRequest(experiment: "demo", scale: .quick, seed: 8, options: request.options), nil)
    _ = try run(6000, RunRequest(experiment: "demo", scale: .quick, seed: 7), nil)
    try folder.write("{ broken", to: "demo/29990101-000000/run.json")
    let found = try #require(try RunFolder.findUnfinished(in: folder.url, for: request))
    #expect(found.url.lastPathComponent == wanted.url.lastPathComponent)
    #expect(found.isResumed)
    #expect(try RunFolder.open(in: folder.url, for: request, resume: false).isResumed == false)
  }

  @Test func tenthRunOfASecondIsNewerThanTheSecond() throws {
    let time = Date(timeIntervalSince1970: 1000)
    for _ in 1...11 { _ = try RunFolder.create(in: folder.url, for: request, at: time) }
    #expect(try RunFolder.findUnfinished(in: folder.url, for: request)?.url.lastPathComponent.hasSuffix("-11") == true)
  }

  @Test(arguments: ["", "..", "a/b", ".hidden", "a b"])
  func rejectsUnsafeIdentifiers(_ id: String) {
    #expect(throws: RunError.self) {
      try RunFolder.create(in: folder.url, for: RunRequest(experiment: id, scale: .quick, seed: 0))
    }
  }

  @Test func unwritableRootIsAnError() throws {
    let file = try folder.write("", to: "file")
    let error = #expect(throws: RunError.self) { try RunFolder.create(in: file, for: request) }
    #expect(error?.description.contains("--out") == true)
  }
}
