import FileKit
import Foundation
import ImageDataset
import JSONC
import Testing

@Suite struct AtlasTests {
  private func dataset(channels: Int = 3) throws -> (folder: TemporaryFolder, splits: DatasetSplits) {
    let folder = TemporaryFolder()
    let splits = try Samples.splits(channels: channels)
    try AtlasWriter.write(splits, to: folder.url, imagesPerFile: 10)
    return (folder, splits)
  }

  private func open(_ folder: TemporaryFolder) throws(DatasetError) -> DatasetSplits { try folder.open() }

  private func manifest(_ folder: TemporaryFolder) throws -> JSONValue {
    try JSON.parse(contentsOf: folder.url.appendingPathComponent("manifest.json"))
  }

  @Test(arguments: [1, 3])
  func roundTrip(channels: Int) throws {
    let (folder, splits) = try dataset(channels: channels)
    let read = try open(folder)
    #expect(read.train.allPixels == splits.train.allPixels && read.test.allPixels == splits.test.allPixels)
    #expect(read.train.labels == splits.train.labels && read.train.classes == splits.train.classes)
    #expect(read.train.sha256 == splits.train.sha256 && read.train.mean == splits.train.mean)
    #expect(read.test.std == splits.train.std)
    #expect(
      try DatasetReader.open(folder.url.appendingPathComponent("manifest.json"), cache: .disabled).train.count == 23)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names == ["manifest.json", "test-00.png", "train-00.png", "train-01.png", "train-02.png"])
  }

  @Test func labelsInEveryForm() throws {
    let (folder, splits) = try dataset()
    let labels = splits.test.labels
    for (text, file) in [("0121", nil), ("test.labels", "0121\n"), ("test.labels", "0 1\n2, 1\n")]
      as [(String, String?)]
    {
      var manifest = try manifest(folder)
      let edited = try shard(manifest, labels: .string(text))
      manifest["splits"]?["test"]?["shards"] = [edited]
      try folder.write(JSON.serialize(manifest), "manifest.json")
      if let file { try folder.write(file, text) }
      #expect(try open(folder).test.labels == labels)
    }
    for (text, file) in [
      ("012", nil), ("01213", nil), ("0129", nil), ("absent.labels", nil), ("../labels", nil), ("", nil),
      ("bad.labels", "0 1 x 1"),
      ("bad.labels", "0 1 2"), ("bad.labels", "0 1 2 7"), ("bad.labels", ""), ("bad.labels", "-1 0 1 2"),
    ] as [(String, String?)] {
      var manifest = try manifest(folder)
      let edited = try shard(manifest, labels: .string(text))
      manifest["splits"]?["test"]?["shards"] = [edited]
      try folder.write(JSON.serialize(manifest), "manifest.json")
      if let file { try folder.write(file, text) }
      #expect(throws: DatasetError.self, "\(text): \(file ?? "")") { try open(folder) }
    }
  }

  private func shard(_ manifest: JSONValue, labels: JSONValue) throws -> JSONValue {
    var shard = try #require(manifest["splits"]?["test"]?["shards"]?[0])
    shard["labels"] = labels
    return shard
  }

  /// Every edit of a good manifest that makes it a bad one.
  @Test(arguments: [
    "version = 2", "version = \"1\"", "classes = []", "classes = [\"a\",\"a\",\"b\"]", "classes = [\"a\",\"b\"]",
    "classes = 3",
    "image = {\"width\":0,\"height\":5,\"channels\":3}", "image = {\"width\":6,\"height\":5000,\"channels\":3}",
    "image = {\"width\":6,\"height\":5,\"channels\":2}", "image = {\"width\":5,\"height\":5,\"channels\":3}",
    "image = {\"width\":6,\"height\":4,\"channels\":3}", "image = {\"width\":6,\"height\":5}",
    "image = {\"width\":6,\"height\":5,\"channels\":1}", "mean = [0.5]", "std = [0,1,1]", "std = [-1,1,1]",
    "std = null", "splits = {}",
    "splits = {\"train\":{\"count\":0,\"shards\":[]}}", "splits.test = {\"count\":0,\"shards\":[]}",
    "splits.test.count = 5",
    "splits.test.shards = []", "splits.test.shards = {}", "splits.train.count = -23",
    "splits.test.pixelsSHA256 = \"00\"", "name = null",
    "shard.file = \"absent.png\"", "shard.file = \"../test-00.png\"", "shard.file = \"/etc/passwd\"",
    "shard.file = \"\"",
    "shard.file = \"manifest.json\"", "shard.sha256 = \"0000\"", "shard.sha256 = 7", "shard.count = 0",
    "shard.count = -4",
    "shard.count = 1000000", "shard.count = 9223372036854775807", "shard.count = 3", "shard.labels = [0,1,2]",
    "shard.labels = [0,1,2,1,0]",
    "shard.labels = [0,1,2,3]", "shard.labels = [0,1,2,-1]", "shard.labels = [0,1,2,0.5]", "shard.labels = null",
    "shard.labels = {\"a\":1}",
  ])
  func manifestsThatMakeNoSense(edit: String) throws {
    let (folder, _) = try dataset()
    var manifest = try manifest(folder)
    let parts = edit.split(separator: " = ", maxSplits: 1)
    let value = try JSON.parse(String(parts[1]))
    let path = parts[0].split(separator: ".").map(String.init)
    switch (path[0], path.count) {
    case ("shard", _):
      var shard = try #require(manifest["splits"]?["test"]?["shards"]?[0])
      shard[path[1]] = value
      manifest["splits"]?["test"]?["shards"] = [shard]
    case (_, 1): manifest[path[0]] = value
    case (_, 2): manifest[path[0]]?[path[1]] = value
    default: manifest[path[0]]?[path[1]]?[path[2]] = value
    }
    try folder.write(JSON.serialize(manifest), "manifest.json")
    let error = #expect(throws: DatasetError.self) { try open(folder) }
    #expect(error?.description.contains(folder.url.lastPathComponent) == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func damagedManifests() throws {
    let (folder, _) = try dataset()
    let data = try Data(contentsOf: folder.url.appendingPathComponent("manifest.json"))
    for length in stride(from: 0, to: data.count, by: 7) {
      try folder.write(data.prefix(length), "manifest.json")
      #expect(throws: DatasetError.self) { try open(folder) }
    }
    // Some flipped bytes only change a name; none may do worse than an error.
    for index in stride(from: 0, to: data.count, by: 3) {
      var broken = data
      broken[index] ^= 0x15
      try folder.write(broken, "manifest.json")
      do throws(DatasetError) { _ = try open(folder) } catch { #expect(!error.description.isEmpty) }
    }
  }

  @Test func damagedImages() throws {
    let (folder, _) = try dataset()
    var manifest = try manifest(folder)
    let data = try Data(contentsOf: folder.url.appendingPathComponent("test-00.png"))
    var shard = try #require(manifest["splits"]?["test"]?["shards"]?[0])
    shard["sha256"] = nil
    manifest["splits"]?["test"]?["shards"] = [shard]
    try folder.write(JSON.serialize(manifest), "manifest.json")
    #expect(throws: Never.self) { try open(folder) }
    for length in 0..<data.count {
      try folder.write(data.prefix(length), "test-00.png")
      #expect(throws: DatasetError.self, "\(length) bytes") { try open(folder) }
    }
    try folder.remove("test-00.png")
    #expect(throws: DatasetError.self) { try open(folder) }
  }

  @Test func checksumsAreComparedFirst() throws {
    let (folder, _) = try dataset()
    var data = try Data(contentsOf: folder.url.appendingPathComponent("train-01.png"))
    data[data.count - 1] ^= 1
    try folder.write(data, "train-01.png")
    let error = #expect(throws: DatasetError.self) { try open(folder) }
    guard case .checksum(let file, _, let found) = error else {
      return #expect(Bool(false), "\(String(describing: error))")
    }
    #expect(file.hasSuffix("train-01.png") && found == SHA256.hexDigest(of: data))
  }
}
