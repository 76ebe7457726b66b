import FileKit
import Foundation

/// Reads an atlas data set: checks every file's SHA-256, then streams its rows into place, all files in parallel.
struct AtlasReader {
  /// More pixels than this are refused.
  static let maximumBytes = 16 << 30

  let folder: URL
  let manifestURL: URL
  let manifest: AtlasManifest

  func read() throws(DatasetError) -> DatasetSplits {
    let bytes = manifest.image.width * manifest.image.height * manifest.image.channels
    var storages: [PixelStorage] = []
    var labels: [[Int]] = []
    var digests: [String] = []
    for name in AtlasManifest.splitNames {
      guard let split = manifest.splits[name], split.count > 0 else {
        throw .emptySplit(path: manifestURL.path, split: name)
      }
      guard split.count <= Self.maximumBytes / bytes else {
        throw .tooLarge(
          file: manifestURL.path, what: "\(split.count) images in \(name)", limit: Self.maximumBytes / bytes)
      }
      labels.append(try self.labels(of: split))
      let storage = try pixels(of: split, bytesPerImage: bytes)
      let digest = Self.digest(of: storage)
      if let expected = split.pixelsSHA256, expected.lowercased() != digest {
        throw .checksum(file: "\(manifestURL.path) (pixels of \(name))", expected: expected, found: digest)
      }
      storages.append(storage)
      digests.append(digest)
    }
    let info = info(storages[0])
    return DatasetSplits(
      name: manifest.name,
      train: LabeledImages(info, split: "train", labels: labels[0], storage: storages[0], sha256: digests[0]),
      test: LabeledImages(info, split: "test", labels: labels[1], storage: storages[1], sha256: digests[1]))
  }

  static func digest(of storage: PixelStorage) -> String {
    var hash = SHA256()
    hash.update(UnsafeRawBufferPointer(storage.bytes))
    return hash.hexDigest()
  }

  private func info(_ train: PixelStorage) -> DatasetInfo {
    let channels = manifest.image.channels
    let statistics: Normalization =
      if let mean = manifest.mean, let std = manifest.std {
        Normalization(mean: mean, std: std)
      } else {
        PixelStatistics.normalization(of: train, channels: channels)
      }
    return DatasetInfo(
      name: manifest.name, classes: manifest.classes, width: manifest.image.width, height: manifest.image.height,
      channels: channels, mean: statistics.mean, std: statistics.std, origin: manifest.origin ?? .real,
      license: manifest.license, source: manifest.source)
  }

  private func labels(of split: AtlasManifest.Split) throws(DatasetError) -> [Int] {
    var all: [Int] = []
    all.reserveCapacity(split.count)
    for shard in split.shards {
      switch shard.labels {
      case .numbers(let numbers):
        guard numbers.count == shard.count else {
          throw .labelCount(file: path(shard), expected: shard.count, found: numbers.count)
        }
        try Labels.check(numbers, classes: manifest.classes.count, file: path(shard))
        all += numbers
      case .text(let text):
        all += try labels(text, of: shard)
      }
    }
    return all
  }

  private func labels(_ text: String, of shard: AtlasManifest.Shard) throws(DatasetError) -> [Int] {
    let classes = manifest.classes.count
    if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      let digits = text.utf8.map { Int($0 - UInt8(ascii: "0")) }
      guard digits.count == shard.count else {
        throw .labelCount(file: path(shard), expected: shard.count, found: digits.count)
      }
      try Labels.check(digits, classes: classes, file: path(shard))
      return digits
    }
    guard !text.contains("/"), text != ".." else { throw .malformedLabel(file: path(shard), index: 0, text: text) }
    let url = folder.appendingPathComponent(text)
    return try Labels.parse(
      DatasetFiles.text(of: url), count: shard.count, classes: classes, file: url.path)
  }

  private func pixels(of split: AtlasManifest.Split, bytesPerImage: Int) throws(DatasetError) -> PixelStorage {
    var starts: [Int] = []
    var total = 0
    for shard in split.shards {
      starts.append(total)
      total += shard.count
    }
    return try PixelStorage(count: total * bytesPerImage) { (bytes) throws(DatasetError) in
      try parallelTry(split.shards.count) { (index) throws(DatasetError) in
        let shard = split.shards[index]
        let start = starts[index] * bytesPerImage
        let part = UnsafeMutableBufferPointer(rebasing: bytes[start..<start + shard.count * bytesPerImage])
        try decode(shard, into: part)
      }
    }
  }

  private func decode(
    _ shard: AtlasManifest.Shard, into pixels: UnsafeMutableBufferPointer<UInt8>
  ) throws(DatasetError) {
    let file = try DatasetFiles.map(folder.appendingPathComponent(shard.file))
    if let expected = shard.sha256 {
      var hash = SHA256()
      file.withUnsafeBytes { hash.update($0) }
      let found = hash.hexDigest()
      guard found == expected.lowercased() else {
        throw .checksum(file: file.url.path, expected: expected, found: found)
      }
    }
    do throws(PNGError) {
      let reader = try PNGRowReader(file, channels: manifest.image.channels, options: .atlas)
      let size = (width: manifest.image.width, height: manifest.image.height * shard.count)
      if reader.width == size.width && reader.height == size.height {
        try reader.readRows(into: pixels)
        return try reader.finish()
      }
      throw PNGError(
        file: file.url.path,
        reason:
          "\(reader.width) × \(reader.height) pixels, expected \(size.width) × \(size.height) for \(shard.count) images"
      )
    } catch {
      throw .png(error)
    }
  }

  private func path(_ shard: AtlasManifest.Shard) -> String { folder.appendingPathComponent(shard.file).path }
}
