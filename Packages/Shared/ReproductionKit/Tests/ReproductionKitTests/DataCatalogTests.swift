import FileKit
import Foundation
import JSONC
import ReproductionKit
import Testing

@Suite struct DataCatalogTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func root(_ kind: DataRoot.Kind, _ path: String) -> DataRoot {
    DataRoot(kind: kind, url: folder.url.appendingPathComponent(path, isDirectory: true))
  }

  /// A catalogue of one entry called `sample`.
  private func catalog(
    locations: [DataLocation], sources: [FetchSource] = [], provision: DataEntry.Provision = .files,
    roots: [DataRoot]
  ) throws -> DataCatalog {
    let locationText = String(decoding: try JSON.encode(locations), as: UTF8.self)
    let sourceText = String(decoding: try JSON.encode(sources), as: UTF8.self)
    let url = try folder.write(
      """
      {"schemaVersion": 1, "entries": [{"name": "sample", "title": "t", "kind": "table", "origin": "real",
      "provision": "\(provision.rawValue)", "license": "MIT", "redistributable": true, "homepage": "", "usedBy": [],
      "locations": \(locationText), "sources": \(sourceText), "whenAbsent": "run `hardwise data fetch sample`"}]}
      """, to: "catalog.json")
    return try DataCatalog(catalogURL: url, roots: roots)
  }

  private let abc = DataFile(
    path: "", bytes: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")

  @Test func embeddedCatalogIsComplete() throws {
    let catalog = try DataCatalog(roots: [])
    let names = Set(catalog.entries.map(\.name))
    let wanted: Set = [
      "cifar10", "cifar100", "fashion-mnist", "digits", "synthetic", "resnet20-cifar10", "resnet32-cifar10",
      "resnet44-cifar10", "resnet56-cifar10", "wikitext2", "ptb", "arc-easy", "piqa", "word-problems", "livemind",
      "pelnas", "logicflow", "musique", "circuits-epfl", "circuits-recorded", "sg13g2", "smollm2",
    ]
    #expect(names.isSuperset(of: wanted))
    for entry in catalog.entries {
      #expect(!entry.title.isEmpty && !entry.license.isEmpty && !entry.usedBy.isEmpty && !entry.whenAbsent.isEmpty)
      #expect(entry.provision == .generated || !entry.locations.isEmpty)
      for file in entry.locations.flatMap(\.files) {
        #expect(file.sha256.count == 64 && file.sha256.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(file.bytes > 0)
      }
      for location in entry.locations {
        #expect(location.marker != nil || location.files.count == 1, "\(entry.name) must say which file proves it")
      }
    }
    #expect(try catalog.entry("ptb").redistributable == false)
    #expect(try catalog.entry("smollm2").byteCount == 98_362_432)
  }

  @Test func workspaceCatalogIsTheEmbeddedOne() throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    guard let workspace = Workspace.find(from: here) else { return }
    let file = workspace.appendingPathComponent("Datasets/catalog.json")
    #expect(try DataCatalog(catalogURL: file, roots: []).entries == DataCatalog(roots: []).entries)
  }

  @Test func rootsStandInOrder() {
    let workspace = folder.url.appendingPathComponent("checkout", isDirectory: true)
    let environment = ["HARDWISE_DATA": "/somewhere", "HARDWISE_CACHE": "/cache"]
    let roots = DataRoot.standard(environment: environment, workspace: workspace)
    #expect(roots.map(\.kind) == [.environment, .mirror, .cache])
    #expect(roots[1].url.path == folder.url.appendingPathComponent("shared/data").path)
    #expect(DataRoot.standard(environment: [:], workspace: nil).map(\.kind) == [.cache])
    #expect(DataRoot.standard(environment: ["HARDWISE_DATA": ""], workspace: nil).map(\.kind) == [.cache])
  }

  @Test func earlierRootsWin() throws {
    let location = DataLocation(path: "sample.csv", format: "csv", files: [abc])
    let roots = [root(.environment, "e"), root(.mirror, "m"), root(.cache, "c")]
    let catalog = try catalog(locations: [location], roots: roots)
    #expect(!catalog.isAvailable("sample"))
    try folder.write("abc", to: "c/sample.csv")
    #expect(try catalog.resolve("sample").root == .cache)
    try folder.write("abc", to: "m/sample.csv")
    #expect(try catalog.resolve("sample").root == .mirror)
    try folder.write("abc", to: "e/sample.csv")
    #expect(try catalog.resolve("sample").root == .environment)
    #expect(try catalog.resolve("sample").sha256() == abc.sha256)
    #expect(catalog.isAvailable("sample"))
  }

  @Test func markersDecideAboutFolders() throws {
    let locations = [
      DataLocation(path: "atlas", format: "png-atlas", marker: "manifest.json"),
      DataLocation(path: "binary", format: "cifar-binary", marker: "data.bin"),
      DataLocation(path: folder.url.appendingPathComponent("system").path, format: "idx", marker: "x.gz"),
    ]
    let catalog = try catalog(locations: locations, roots: [root(.mirror, "m"), root(.cache, "c")])
    try folder.write("", to: "system/x.gz")
    #expect(try catalog.resolve("sample").root == .system)
    try folder.write("", to: "m/atlas/other.json")
    try folder.write("", to: "c/binary/data.bin")
    let resolved = try catalog.resolve("sample")
    #expect(resolved.location.format == "cifar-binary")
    #expect(resolved.root == .cache)
  }

  @Test func errorsSayWhatWhereAndHow() throws {
    let location = DataLocation(path: "sample.csv", format: "csv", files: [abc])
    let catalog = try catalog(locations: [location], roots: [root(.mirror, "m")])
    let absent = #expect(throws: DataCatalogError.self) { try catalog.resolve("sample") }
    #expect(absent?.description.contains("m (mirror)") == true)
    #expect(absent?.description.contains("hardwise data fetch sample") == true)
    let unknown = #expect(throws: DataCatalogError.self) { try catalog.resolve("sampel") }
    #expect(unknown == .unknownName(name: "sampel", known: ["sample"]))
    try folder.write("abcd", to: "m/sample.csv")
    let damaged = #expect(throws: DataCatalogError.self) { try catalog.resolve("sample") }
    #expect(damaged?.description.contains("expected 3 bytes, got 4") == true)
    #expect(throws: DataCatalogError.self) { try DataCatalog(roots: []).resolve("synthetic") }
    for error in [absent, unknown, damaged].compactMap({ $0 }) { #expect(!error.description.contains("\n")) }
  }

  @Test(arguments: [
    "", "{", "[]", "{\"schemaVersion\": 2, \"entries\": []}", "{\"schemaVersion\": 1, \"entries\": [{}]}",
  ])
  func brokenCatalogsAreErrors(_ text: String) throws {
    let url = try folder.write(text, to: "broken.json")
    let error = #expect(throws: DataCatalogError.self) { try DataCatalog(catalogURL: url, roots: []) }
    #expect(error?.description.contains("broken.json") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func verificationFindsChangedAndMissingFiles() throws {
    let listed = [
      DataFile(path: "a", bytes: 3, sha256: abc.sha256), DataFile(path: "b", bytes: 3, sha256: abc.sha256),
    ]
    let location = DataLocation(path: "s", format: "csv", marker: "a", files: listed)
    let catalog = try catalog(locations: [location], roots: [root(.mirror, "m")])
    try folder.write("abc", to: "m/s/a")
    #expect(try catalog.verify("sample").problems.map(\.reason) == ["the file is missing"])
    try folder.write("abd", to: "m/s/b")
    let changed = try catalog.verify("sample")
    #expect(!changed.isIntact && changed.checkedFiles == 2 && changed.checkedBytes == 6)
    #expect(changed.problems.count == 1 && changed.problems[0].reason.contains("expected SHA-256"))
    try folder.write("abc", to: "m/s/b")
    #expect(try catalog.verify("sample").isIntact)
  }

  @Test func verificationFollowsManifests() throws {
    let location = DataLocation(path: "s", format: "png-atlas", marker: "manifest.json", manifest: "manifest.json")
    let catalog = try catalog(locations: [location], roots: [root(.mirror, "m")])
    try folder.write(
      """
      {"splits": {"test": {"shards": [{"file": "x.png", "sha256": "\(abc.sha256)"}]}},
       "files": [{"name": "y.csv", "sha256": "\(abc.sha256)"}, {"file": "../../etc/passwd", "sha256": "00"}]}
      """, to: "m/s/manifest.json")
    try folder.write("abc", to: "m/s/x.png")
    try folder.write("abc", to: "m/s/y.csv")
    let verification = try catalog.verify("sample")
    #expect(verification.isIntact && verification.checkedFiles == 2)
    try folder.write("not json", to: "m/s/manifest.json")
    #expect(throws: DataCatalogError.self) { try catalog.verify("sample") }
  }

  @Test func pathsAreAcceptedBesideNames() throws {
    let file = try folder.write("abc", to: "mine/own.csv")
    let catalog = try catalog(locations: [], roots: [])
    let resolved = try catalog.resolve(nameOrPath: file.path, kind: .table)
    #expect(resolved.root == .path)
    #expect(try resolved.sha256() == abc.sha256)
    #expect(throws: DataCatalogError.self) { try catalog.resolve(nameOrPath: "/no/such/file", kind: .table) }
  }

  @Test func fetchNeedsASourceAndACache() throws {
    let location = DataLocation(path: "sample.csv", format: "csv")
    let unfetchable = try catalog(locations: [location], roots: [root(.cache, "c")])
    #expect(throws: DataCatalogError.notFetchable(name: "sample", whenAbsent: "run `hardwise data fetch sample`")) {
      try unfetchable.fetch("sample")
    }
    let generated = try catalog(locations: [], provision: .generated, roots: [root(.cache, "c")])
    #expect(throws: DataCatalogError.self) { try generated.fetch("sample") }
  }
}
