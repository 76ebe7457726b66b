import Foundation
import ImageDataset
import Testing

@Suite struct IDXTests {
  private func images(_ count: Int, width: Int = 5, height: Int = 4, magic: UInt32 = 0x803) -> Data {
    var noise = Noise(UInt64(count))
    return [magic, UInt32(count), UInt32(height), UInt32(width)].reduce(Data()) { $0 + Data(bigEndian: $1) }
      + Data(noise.bytes(count * width * height))
  }

  private func labels(_ labels: [UInt8], magic: UInt32 = 0x801) -> Data {
    Data(bigEndian: magic) + Data(bigEndian: UInt32(labels.count)) + Data(labels)
  }

  private func dataset(packed: Bool) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (name, data) in [
      ("train-images-idx3-ubyte", images(6)), ("train-labels-idx1-ubyte", labels([0, 1, 2, 3, 4, 9])),
      ("t10k-images-idx3-ubyte", images(2)), ("t10k-labels-idx1-ubyte", labels([7, 8])),
    ] {
      try folder.write(packed ? data.gzipped : data, packed ? name + ".gz" : name)
    }
    return folder
  }

  @Test(arguments: [false, true])
  func reads(packed: Bool) throws {
    let splits = try dataset(packed: packed).open()
    #expect(splits.train.width == 5 && splits.train.height == 4 && splits.train.channels == 1)
    #expect(splits.train.labels == [0, 1, 2, 3, 4, 9] && splits.test.labels == [7, 8])
    #expect(splits.train.allPixels == Array(images(6).dropFirst(16)))
    #expect(splits.train.classes == ClassNames.digits)
  }

  @Test func truncatedOrLengthened() throws {
    for packed in [false, true] {
      for name in ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
        let folder = try dataset(packed: packed)
        let file = packed ? name + ".gz" : name
        let data = try Data(contentsOf: folder.url.appendingPathComponent(file))
        for length in 0..<data.count {
          try folder.write(data.prefix(length), file)
          #expect(throws: DatasetError.self, "\(file), \(length) bytes") { try folder.open() }
        }
        try folder.write(data + [0], file)
        #expect(throws: DatasetError.self) { try folder.open() }
      }
    }
  }

  @Test func damagedGzip() throws {
    let folder = try dataset(packed: true)
    let name = "train-images-idx3-ubyte.gz"
    let data = try Data(contentsOf: folder.url.appendingPathComponent(name))
    for index in data.indices where !(3..<10).contains(index) {  // flags, time and system are not covered by a checksum
      var broken = data
      broken[index] ^= 0xFF
      try folder.write(broken, name)
      #expect(throws: DatasetError.self, "byte \(index)") { try folder.open() }
    }
    try folder.write("not gzip at all, but long enough to look", name)
    #expect(throws: DatasetError.self) { try folder.open() }
    try folder.write((images(6) + [1, 2, 3]).gzipped, name)
    #expect(throws: DatasetError.self) { try folder.open() }
  }

  @Test func headersThatLie() throws {
    for (magic, count, height, width) in [
      (0x801, 6, 4, 5), (0x804, 6, 4, 5), (0, 6, 4, 5), (0x803, 7, 4, 5), (0x803, 5, 4, 5), (0x803, 0, 4, 5),
      (0x803, 6, 0, 5),
      (0x803, 6, 4, 0), (0x803, 6, 5000, 5), (0x803, 0xFFFF_FFFF, 4, 5), (0x803, 0xFFFF_FFFF, 4096, 4096),
      (0x803, 6, 5, 4),
    ] as [(UInt32, UInt32, UInt32, UInt32)] {
      for packed in [false, true] {
        let folder = try dataset(packed: packed)
        let body = Data(images(6).dropFirst(16))
        let data = [magic, count, height, width].reduce(Data()) { $0 + Data(bigEndian: $1) } + body
        try folder.write(packed ? data.gzipped : data, "train-images-idx3-ubyte" + (packed ? ".gz" : ""))
        #expect(throws: DatasetError.self, "\(magic) \(count) \(height) \(width)") {
          try folder.open()
        }
      }
    }
  }

  @Test func labelsThatDoNotFit() throws {
    let folder = try dataset(packed: false)
    let path = folder.url.appendingPathComponent("train-labels-idx1-ubyte").path
    try folder.write(labels([0, 1, 2]), "train-labels-idx1-ubyte")
    #expect(throws: DatasetError.labelCount(file: path, expected: 6, found: 3)) { try folder.open() }
    try folder.write(labels([0, 1, 2, 3, 4, 5]), "train-labels-idx1-ubyte")
    #expect(throws: DatasetError.labelOutOfRange(file: path, index: 3, label: 3, classes: 3)) {
      try DatasetReader.idx(folder.url, classes: ["a", "b", "c"])
    }
    try folder.remove("t10k-labels-idx1-ubyte")
    #expect(throws: DatasetError.self) { try folder.open() }
  }
}
