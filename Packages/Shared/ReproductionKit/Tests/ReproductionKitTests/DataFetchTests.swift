import FileKit
import Foundation
import JSONC
import ReproductionKit
import Testing

/// Fetches from `file:` addresses: the same programs, no network.
@Suite(
  .enabled(if: ["curl", "tar", "git"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0) }))
struct DataFetchTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func catalog(_ location: DataLocation, _ source: FetchSource) throws -> DataCatalog {
    let url = try folder.write(
      """
      {"schemaVersion": 1, "entries": [{"name": "sample", "title": "t", "kind": "table", "origin": "real",
      "provision": "files", "license": "MIT", "redistributable": true, "homepage": "", "usedBy": [],
      "locations": \(String(decoding: try JSON.encode([location]), as: UTF8.self)),
      "sources": \(String(decoding: try JSON.encode([source]), as: UTF8.self)), "whenAbsent": "w"}]}
      """, to: "catalog.json")
    let cache = DataRoot(kind: .cache, url: folder.url.appendingPathComponent("cache", isDirectory: true))
    return try DataCatalog(catalogURL: url, roots: [cache])
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/" + program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func fileIsVerifiedAndResumed() throws {
    let content = String(repeating: "0123456789", count: 5000)
    let origin = try folder.write(content, to: "origin.csv")
    let digest = SHA256.hexDigest(of: Data(content.utf8))
    let location = DataLocation(
      path: "sub/sample.csv", format: "csv", files: [DataFile(path: "", bytes: 50_000, sha256: digest)])
    let source = FetchSource.file(url: origin.absoluteString, sha256: digest, bytes: 50_000, path: "sub/sample.csv")
    let catalog = try catalog(location, source)
    try folder.write(String(content.prefix(20_000)), to: "cache/downloads/\(digest.prefix(16)).partial")
    var commands: [String] = []
    var sizes: [Int] = []
    let resolved = try catalog.fetch(
      "sample", announce: { commands.append($0) }, progress: { bytes, _ in sizes.append(bytes) })
    #expect(try String(contentsOf: resolved.url, encoding: .utf8) == content)
    #expect(commands.count == 1 && commands[0].hasPrefix("curl "))
    #expect(sizes.first ?? 0 >= 20_000 && sizes.last == 50_000)
    #expect(try catalog.verify("sample").isIntact)
    commands = []
    _ = try catalog.fetch("sample", announce: { commands.append($0) })
    #expect(commands.isEmpty)
  }

  @Test func wrongContentIsRefusedAndForgotten() throws {
    let origin = try folder.write("abd", to: "origin.csv")
    let digest = SHA256.hexDigest(of: Data("abc".utf8))
    let source = FetchSource.file(url: origin.absoluteString, sha256: digest, bytes: 3, path: "sample.csv")
    let catalog = try catalog(DataLocation(path: "sample.csv", format: "csv"), source)
    let error = #expect(throws: DataCatalogError.self) { try catalog.fetch("sample") }
    #expect(error?.description.contains("expected SHA-256 \(digest)") == true)
    #expect(!catalog.isAvailable("sample"))
    try folder.write("abc", to: "origin.csv")
    #expect(try catalog.fetch("sample").root == .cache)
  }

  @Test func missingOriginIsAnError() throws {
    let missing = folder.url.appendingPathComponent("missing.csv").absoluteString
    let digest = SHA256.hexDigest(of: Data("abc".utf8))
    let catalog = try catalog(
      DataLocation(path: "s.csv", format: "csv"), .file(url: missing, sha256: digest, bytes: 3, path: "s.csv"))
    let error = #expect(throws: DataCatalogError.self) { try catalog.fetch("sample") }
    #expect(error?.description.contains("curl") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func archiveIsUnpacked() throws {
    try folder.write("abc", to: "pack/inner/data.bin")
    let archive = folder.url.appendingPathComponent("pack.tar.gz")
    try run("tar", ["-czf", archive.path, "-C", folder.url.appendingPathComponent("pack").path, "inner"])
    let bytes = try Data(contentsOf: archive).count
    let source = FetchSource.archive(
      url: archive.absoluteString, sha256: try SHA256.hexDigest(ofFile: archive), bytes: bytes, member: "inner",
      path: "stored")
    let catalog = try catalog(DataLocation(path: "stored", format: "bin", marker: "data.bin"), source)
    let resolved = try catalog.fetch("sample")
    #expect(try String(contentsOf: resolved.file("data.bin"), encoding: .utf8) == "abc")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("cache/downloads").path)
    #expect(left.isEmpty)
  }

  @Test func gitPathsAreCopied() throws {
    let repository = folder.url.appendingPathComponent("repository").path
    try folder.write("abc", to: "repository/deep/a.csv")
    try folder.write("other", to: "repository/b.csv")
    try run("git", ["init", "--quiet", repository])
    try run("git", ["-C", repository, "add", "."])
    try run(
      "git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "data"])
    let source = FetchSource.git(url: "file://" + repository, commit: "HEAD", members: ["deep/a.csv"], path: "stored")
    let catalog = try catalog(DataLocation(path: "stored", format: "csv", marker: "a.csv"), source)
    let resolved = try catalog.fetch("sample")
    #expect(try FileManager.default.contentsOfDirectory(atPath: resolved.url.path) == ["a.csv"])
  }

  @Test(arguments: [
    FetchSource.archive(url: "u", sha256: "s", bytes: 1, member: "m", path: "p"),
    .file(url: "u", sha256: "s", bytes: 1, path: "p"), .apt(package: "x"),
    .pip(package: "x", member: "m", sha256: "s", path: "p"), .git(url: "u", commit: "c", members: ["m"], path: "p"),
  ])
  func sourcesSurviveJSON(_ source: FetchSource) throws {
    #expect(try JSON.decode(FetchSource.self, from: JSON.encode(source)) == source)
    #expect(!source.commands.isEmpty)
  }
}
