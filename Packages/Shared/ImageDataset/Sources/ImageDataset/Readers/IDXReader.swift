import Foundation

/// Reads the IDX files of MNIST and its relatives, packed with gzip or not.
struct IDXReader {
  private static let imageMagic = 0x0803
  private static let labelMagic = 0x0801
  private static let maximumSide = 4096
  private static let maximumBytes = 4 << 30

  let folder: URL
  let classes: [String]?

  /// The file `name`, perhaps with `.gz`, perhaps with the point that some mirrors put before `idx`.
  static func find(_ name: String, in folder: URL) -> URL? {
    let dotted = name.replacingOccurrences(of: "-idx", with: ".idx")
    return [name, name + ".gz", dotted, dotted + ".gz"]
      .map { folder.appendingPathComponent($0) }
      .first { DatasetFiles.exists($0) }
  }

  func read() throws(DatasetError) -> DatasetSplits {
    let train = try readSplit("train")
    let test = try readSplit("t10k")
    guard train.width == test.width && train.height == test.height else {
      throw .imageSize(
        file: folder.appendingPathComponent("t10k-images-idx3-ubyte").path,
        expected: "\(train.width) × \(train.height)",
        found: "\(test.width) × \(test.height)")
    }
    let isFashion = folder.path.lowercased().contains("fashion")
    let statistics = PixelStatistics.normalization(of: train.pixels, channels: 1)
    let info = DatasetInfo(
      name: isFashion ? "fashion-mnist" : folder.lastPathComponent,
      classes: classNames(train.labels + test.labels, isFashion: isFashion), width: train.width, height: train.height,
      channels: 1, mean: statistics.mean, std: statistics.std, origin: .real,
      license: isFashion ? "MIT" : "see the data set's own site",
      source: isFashion ? "https://github.com/zalandoresearch/fashion-mnist" : folder.path)
    for (split, labels) in [("train", train.labels), ("t10k", test.labels)] {
      try Labels.check(labels, classes: info.classes.count, file: labelURL(split)?.path ?? folder.path)
    }
    return DatasetSplits(
      name: info.name,
      train: LabeledImages(info, split: "train", labels: train.labels, storage: train.pixels),
      test: LabeledImages(info, split: "test", labels: test.labels, storage: test.pixels))
  }

  private func classNames(_ labels: [Int], isFashion: Bool) -> [String] {
    if let classes { return classes }
    if isFashion { return ClassNames.fashionMNIST }
    return (0..<max(10, (labels.max() ?? 0) + 1)).map { "\($0)" }
  }

  private func labelURL(_ prefix: String) -> URL? { Self.find("\(prefix)-labels-idx1-ubyte", in: folder) }

  private struct Split {
    let width: Int
    let height: Int
    let labels: [Int]
    let pixels: PixelStorage
  }

  private func readSplit(_ prefix: String) throws(DatasetError) -> Split {
    guard let imageURL = Self.find("\(prefix)-images-idx3-ubyte", in: folder) else {
      throw .missing(path: folder.path, what: "\(prefix)-images-idx3-ubyte[.gz]")
    }
    guard let labelURL = labelURL(prefix) else {
      throw .missing(path: folder.path, what: "\(prefix)-labels-idx1-ubyte[.gz]")
    }
    let images = try ByteSource(imageURL)
    let sides = try dimensions(of: images, magic: Self.imageMagic, rank: 3)
    let labels = try ByteSource(labelURL)
    let labelCount = try dimensions(of: labels, magic: Self.labelMagic, rank: 1)[0]
    guard labelCount == sides[0] else { throw .labelCount(file: labelURL.path, expected: sides[0], found: labelCount) }
    guard labelCount > 0 else { throw .emptySplit(path: imageURL.path, split: prefix) }

    let labelBytes = try body(of: labels, count: labelCount)
    let pixels = try body(of: images, count: sides[0] * sides[1] * sides[2])
    return Split(width: sides[2], height: sides[1], labels: labelBytes.bytes.map { Int($0) }, pixels: pixels)
  }

  private func dimensions(of source: ByteSource, magic: Int, rank: Int) throws(DatasetError) -> [Int] {
    let found = try source.readNumber()
    guard found == magic else {
      let numbers = (String(magic, radix: 16), String(found, radix: 16))
      throw .malformed(
        file: source.path, reason: "begins with 0x\(numbers.1), an IDX file of this kind with 0x\(numbers.0)")
    }
    var sizes: [Int] = []
    for _ in 0..<rank { sizes.append(try source.readNumber()) }
    for side in sizes.dropFirst() where !(1...Self.maximumSide).contains(side) {
      throw .malformed(file: source.path, reason: "images of \(side) pixels, expected 1 to \(Self.maximumSide)")
    }
    let total = sizes.dropFirst().reduce(sizes[0], *)
    guard total <= Self.maximumBytes else {
      throw .tooLarge(file: source.path, what: "\(total) bytes of pixels", limit: Self.maximumBytes)
    }
    guard total <= source.upperBound else {
      throw .malformed(file: source.path, reason: "the header promises \(total) bytes, more than this file can hold")
    }
    return sizes
  }

  private func body(of source: ByteSource, count: Int) throws(DatasetError) -> PixelStorage {
    let storage = try PixelStorage(count: count) { (bytes) throws(DatasetError) in try source.read(into: bytes) }
    try source.finish()
    return storage
  }
}
