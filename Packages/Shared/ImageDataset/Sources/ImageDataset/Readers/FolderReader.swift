import FileKit
import Foundation

/// Reads `train/<class>/<file>.png` and `test/<class>/<file>.png`; classes and files in the bytewise order of their names.
struct FolderReader {
  private static let maximumBytes = 16 << 30

  let folder: URL

  private struct Entry {
    let url: URL
    let label: Int
  }

  func read() throws(DatasetError) -> DatasetSplits {
    let classes = try classNames(in: "train")
    let testClasses = try classNames(in: "test")
    guard classes.count == testClasses.count else {
      throw .classCount(
        path: folder.appendingPathComponent("test").path, expected: classes.count, found: testClasses.count)
    }
    if let stranger = testClasses.first(where: { !classes.contains($0) }) {
      throw .missing(
        path: folder.appendingPathComponent("train").path, what: "the class \"\(stranger)\" of the test split")
    }
    let trainEntries = try entries(in: "train", classes: classes)
    let testEntries = try entries(in: "test", classes: classes)
    let first = try decode(trainEntries[0].url)
    let train = try pixels(of: trainEntries, width: first.width, height: first.height)
    let test = try pixels(of: testEntries, width: first.width, height: first.height)

    let statistics = PixelStatistics.normalization(of: train, channels: 3)
    let info = DatasetInfo(
      name: folder.lastPathComponent, classes: classes, width: first.width, height: first.height, channels: 3,
      mean: statistics.mean, std: statistics.std, origin: .real, license: "unknown (a folder of images)",
      source: folder.path)
    return DatasetSplits(
      name: info.name,
      train: LabeledImages(info, split: "train", labels: trainEntries.map(\.label), storage: train),
      test: LabeledImages(info, split: "test", labels: testEntries.map(\.label), storage: test))
  }

  /// Changes whenever a file is added, removed, resized or rewritten.
  func fingerprint() throws(DatasetError) -> String {
    var hash = SHA256()
    for split in ["train", "test"] {
      for entry in try entries(in: split, classes: classNames(in: split)) {
        let attributes = (try? FileManager.default.attributesOfItem(atPath: entry.url.path)) ?? [:]
        let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        let time = (attributes[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0
        hash.update(Data("\(entry.url.path)\n\(size) \(time)\n".utf8))
      }
    }
    return hash.hexDigest()
  }

  private func classNames(in split: String) throws(DatasetError) -> [String] {
    let url = folder.appendingPathComponent(split)
    guard DatasetFiles.isFolder(url) else { throw .missing(path: folder.path, what: "the folder \"\(split)\"") }
    let names = try DatasetFiles.names(in: url).filter { DatasetFiles.isFolder(url.appendingPathComponent($0)) }
    guard !names.isEmpty else { throw .emptySplit(path: folder.path, split: split) }
    var seen: [String: String] = [:]
    for name in names {
      if let other = seen.updateValue(name, forKey: name.lowercased()) {
        throw .ambiguousClasses(path: url.path, first: other, second: name)
      }
    }
    return names
  }

  private func entries(in split: String, classes: [String]) throws(DatasetError) -> [Entry] {
    var entries: [Entry] = []
    for (label, name) in classes.enumerated() {
      let url = folder.appendingPathComponent(split).appendingPathComponent(name)
      for file in try DatasetFiles.names(in: url) where file.lowercased().hasSuffix(".png") {
        entries.append(Entry(url: url.appendingPathComponent(file), label: label))
      }
    }
    guard !entries.isEmpty else { throw .emptySplit(path: folder.path, split: split) }
    return entries
  }

  private func decode(_ url: URL) throws(DatasetError) -> RGBImage {
    let file = try DatasetFiles.map(url)
    do throws(PNGError) {
      return try PNG.decode(file.data(in: 0..<file.count), file: url.path)
    } catch {
      throw .png(error)
    }
  }

  private func pixels(of entries: [Entry], width: Int, height: Int) throws(DatasetError) -> PixelStorage {
    let size = width * height * 3
    guard entries.count <= Self.maximumBytes / size else {
      throw .tooLarge(file: folder.path, what: "\(entries.count) images", limit: Self.maximumBytes / size)
    }
    return try PixelStorage(count: entries.count * size) { (bytes) throws(DatasetError) in
      try parallelTry(entries.count) { (index) throws(DatasetError) in
        let image = try decode(entries[index].url)
        guard image.width == width && image.height == height else {
          throw .imageSize(
            file: entries[index].url.path, expected: "\(width) × \(height)", found: "\(image.width) × \(image.height)")
        }
        _ = UnsafeMutableBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
          .update(fromContentsOf: image.pixels)
      }
    }
  }
}
