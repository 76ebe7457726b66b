import Foundation
import ImageDataset
import Testing

@Suite struct CacheTests {
  private struct Setup {
    let folder = TemporaryFolder()
    let splits: DatasetSplits
    var cache: DecodedCache { DecodedCache(folder: folder.url.appendingPathComponent("cache")) }
    var data: URL { folder.url.appendingPathComponent("data") }

    init() throws {
      splits = try Samples.splits()
      try AtlasWriter.write(splits, to: data)
    }

    func open() throws -> DatasetSplits { try DatasetReader.open(data, cache: cache) }

    func file() throws -> URL {
      let folder = try #require(cache.folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count == 1)
      return folder.appendingPathComponent(names[0])
    }

    func expectSame(_ other: DatasetSplits) {
      #expect(other.train.allPixels == splits.train.allPixels && other.test.allPixels == splits.test.allPixels)
      #expect(other.train.labels == splits.train.labels && other.test.labels == splits.test.labels)
      #expect(other.train.sha256 == splits.train.sha256 && other.train.classes == splits.train.classes)
      #expect(other.train.mean == splits.train.mean && other.train.split == "train" && other.test.split == "test")
    }
  }

  @Test func theSecondTimeNeedsNoImages() throws {
    let setup = try Setup()
    setup.expectSame(try setup.open())
    for name in ["train-00.png", "test-00.png"] { try setup.folder.remove("data/\(name)") }
    setup.expectSame(try setup.open())
  }

  @Test func aDamagedFileIsMadeAgain() throws {
    let setup = try Setup()
    _ = try setup.open()
    let url = try setup.file()
    let good = try Data(contentsOf: url)
    for index in stride(from: 0, to: good.count, by: 61) where index < 64 || good[index] != 0 || index > 4096 {
      var broken = good
      broken[index] ^= 0x20
      try broken.write(to: url)
      setup.expectSame(try setup.open())
      #expect(try Data(contentsOf: url).count == good.count)
    }
    for length in [0, 7, 63, 64, 100, 4095, 4096, 5000, good.count - 1] {
      try good.prefix(length).write(to: url)
      setup.expectSame(try setup.open())
      #expect(try Data(contentsOf: url).count == good.count)
    }
    try (good + [0]).write(to: url)
    setup.expectSame(try setup.open())
  }

  @Test func anotherManifestIsAnotherFile() throws {
    let setup = try Setup()
    _ = try setup.open()
    let first = try setup.file()
    let other = SyntheticImages.make(train: 10, test: 2, classes: 2)
    try AtlasWriter.write(other, to: setup.data)
    #expect(try setup.open().train.sha256 == other.train.sha256)
    // A file under the right name with another key is not believed.
    let manifest = try Data(contentsOf: setup.data.appendingPathComponent("manifest.json"))
    try setup.folder.write(manifest, "copy/manifest.json")
    #expect(FileManager.default.fileExists(atPath: first.path))
  }

  @Test func aFolderThatCannotBeWrittenIsNoError() throws {
    let setup = try Setup()
    try setup.folder.write("a file", "cache")
    setup.expectSame(try setup.open())
    #expect(DecodedCache.disabled.file(key: "k", name: "n") == nil)
    #expect(
      setup.cache.file(key: "0123456789abcdefgh", name: "a/b c")?.lastPathComponent == "a_b_c-0123456789abcdef.pixels")
  }
}
