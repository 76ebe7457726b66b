import FileKit
import Foundation

/// Reads the binary batches of CIFAR-10 and CIFAR-100: records of one or two label bytes and three colour planes.
struct CIFARReader {
  /// Which of the two sets.
  enum Kind {
    case cifar10
    case cifar100

    var labelBytes: Int { self == .cifar10 ? 1 : 2 }
    var recordBytes: Int { labelBytes + 3 * 1024 }
    var name: String { self == .cifar10 ? "cifar10" : "cifar100" }
    var classes: [String] { self == .cifar10 ? ClassNames.cifar10 : ClassNames.cifar100 }
    var train: [String] { self == .cifar10 ? (1...5).map { "data_batch_\($0).bin" } : ["train.bin"] }
    var test: [String] { self == .cifar10 ? ["test_batch.bin"] : ["test.bin"] }
    var normalization: Normalization { self == .cifar10 ? .cifar10 : .cifar100 }
    /// How many images the published set has; other numbers are accepted, but then have other statistics.
    var publishedCount: Int { 50_000 }
  }

  let folder: URL
  let kind: Kind

  func read() throws(DatasetError) -> DatasetSplits {
    let train = try read(kind.train, split: "train")
    let test = try read(kind.test, split: "test")
    let statistics =
      train.labels.count == kind.publishedCount
      ? kind.normalization : PixelStatistics.normalization(of: train.pixels, channels: 3)
    let info = DatasetInfo(
      name: kind.name, classes: kind.classes, width: 32, height: 32, channels: 3, mean: statistics.mean,
      std: statistics.std, origin: .real, license: "no explicit licence; research use; cite Krizhevsky 2009",
      source: "https://www.cs.toronto.edu/~kriz/cifar.html")
    return DatasetSplits(
      name: kind.name,
      train: LabeledImages(info, split: "train", labels: train.labels, storage: train.pixels),
      test: LabeledImages(info, split: "test", labels: test.labels, storage: test.pixels))
  }

  private func read(_ names: [String], split: String) throws(DatasetError) -> (labels: [Int], pixels: PixelStorage) {
    var files: [MappedFile] = []
    for name in names {
      let url = folder.appendingPathComponent(name)
      guard DatasetFiles.exists(url) else { throw .missing(path: folder.path, what: name) }
      let file = try DatasetFiles.map(url)
      guard file.count % kind.recordBytes == 0 else {
        throw .wrongSize(file: url.path, expected: "a multiple of \(kind.recordBytes)", found: file.count)
      }
      files.append(file)
    }
    let counts = files.map { $0.count / kind.recordBytes }
    let total = counts.reduce(0, +)
    guard total > 0 else { throw .emptySplit(path: folder.path, split: split) }

    var labels: [Int] = []
    labels.reserveCapacity(total)
    for (file, count) in zip(files, counts) {
      let own = file.withUnsafeBytes { bytes in
        (0..<count).map { Int(bytes[$0 * kind.recordBytes + kind.labelBytes - 1]) }
      }
      try Labels.check(own, classes: kind.classes.count, file: file.url.path)
      labels += own
    }
    let pixels = PixelStorage(count: total * 3072) { target in
      var start = 0
      for (file, count) in zip(files, counts) {
        let part = UnsafeMutableBufferPointer(rebasing: target[start..<start + count * 3072])
        file.withUnsafeBytes { bytes in
          PlanarKernel.interleave(bytes, recordBytes: kind.recordBytes, skipping: kind.labelBytes, into: part)
        }
        start += count * 3072
      }
    }
    return (labels, pixels)
  }
}
