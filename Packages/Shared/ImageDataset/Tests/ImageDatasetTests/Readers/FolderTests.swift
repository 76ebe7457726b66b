import Foundation
import ImageDataset
import Testing

@Suite struct FolderTests {
  private func png(_ level: UInt8, width: Int = 4, height: Int = 3) throws -> Data {
    try PNG.encode(GrayImage(width: width, height: height, pixels: Array(repeating: level, count: width * height)))
  }

  private func dataset() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (index, name) in ["train/cat/b.png", "train/cat/a.png", "train/Dog/1.PNG", "test/cat/x.png", "test/Dog/y.png"]
      .enumerated()
    {
      try folder.write(png(UInt8(index)), name)
    }
    try folder.write("ignored", "train/cat/notes.txt")
    try folder.write("ignored", "train/cat/.hidden.png")
    return folder
  }

  private func open(_ folder: TemporaryFolder) throws(DatasetError) -> DatasetSplits { try folder.open() }

  @Test func orderIsBytewise() throws {
    let splits = try open(dataset())
    #expect(splits.train.classes == ["Dog", "cat"])
    #expect(splits.train.labels == [0, 1, 1] && splits.test.labels == [0, 1])
    #expect((0..<3).map { splits.train.pixels(of: $0)[0] } == [2, 1, 0])
    #expect(splits.train.width == 4 && splits.train.height == 3 && splits.train.channels == 3)
  }

  @Test func classesThatDifferOnlyByCase() throws {
    let folder = try dataset()
    try folder.write(png(1), "train/DOG/1.png")
    let error = #expect(throws: DatasetError.self) { try open(folder) }
    guard case .ambiguousClasses(_, "DOG", "Dog") = error else {
      return #expect(Bool(false), "\(String(describing: error))")
    }
  }

  @Test func classesThatDiffer() throws {
    let more = try dataset()
    try more.write(png(1), "test/bird/1.png")
    #expect(throws: DatasetError.classCount(path: more.url.appendingPathComponent("test").path, expected: 2, found: 3))
    {
      try open(more)
    }
    let other = try dataset()
    try other.remove("test/cat")
    try other.write(png(1), "test/bird/1.png")
    #expect(throws: DatasetError.self) { try open(other) }
  }

  @Test func emptyOrMissingSplits() throws {
    let noTest = try dataset()
    try noTest.remove("test")
    #expect(throws: DatasetError.missing(path: noTest.url.path, what: "the folder \"test\"")) { try open(noTest) }
    let empty = try dataset()
    try empty.remove("test/cat/x.png")
    try empty.remove("test/Dog/y.png")
    #expect(throws: DatasetError.emptySplit(path: empty.url.path, split: "test")) { try open(empty) }
    let bare = TemporaryFolder()
    try bare.write("x", "train/readme.txt")
    #expect(throws: DatasetError.emptySplit(path: bare.url.path, split: "train")) { try open(bare) }
  }

  @Test func imagesOfAnotherSizeOrKind() throws {
    let folder = try dataset()
    try folder.write(png(1, width: 5), "test/cat/z.png")
    let path = folder.url.appendingPathComponent("test/cat/z.png").path
    #expect(throws: DatasetError.imageSize(file: path, expected: "4 × 3", found: "5 × 3")) { try open(folder) }
    for broken in [Data(), Data("GIF89a".utf8), try png(1).dropLast(5)] {
      try folder.write(broken, "test/cat/z.png")
      let error = #expect(throws: DatasetError.self) { try open(folder) }
      guard case .png(let cause) = error else { return #expect(Bool(false), "\(String(describing: error))") }
      #expect(cause.file == path)
    }
  }

  @Test func theCacheNoticesChanges() throws {
    let folder = try dataset()
    let cache = DecodedCache(folder: folder.url.appendingPathComponent("cache"))
    #expect(try folder.open(cache: cache).train.count == 3)
    try folder.write(png(77), "train/cat/c.png")
    #expect(try folder.open(cache: cache).train.count == 4)
  }

  @Test func whatIsNoDataSet() throws {
    let folder = TemporaryFolder()
    #expect(throws: DatasetError.unknownFormat(path: folder.url.path)) { try open(folder) }
    #expect(throws: DatasetError.self) { try DatasetReader.open(URL(fileURLWithPath: "/nonexistent")) }
  }
}
