import Foundation
import ImageDataset
import TinyTensor
import VisionModels

/// Data sets of the tests.
enum TestData {
  /// The real 8×8 digits that ship with ImageDataset: 1438 for training, 359 for testing.
  static func digits() throws -> DatasetSplits { try DatasetReader.embeddedDigits() }

  /// A tiny two-class set that a network learns at once: bright against dark images with noise.
  static func tiny(count: Int = 40, width: Int = 6) throws -> LabeledImages {
    var generator = Philox(seed: 5, stream: "tiny")
    var pixels: [UInt8] = []
    let labels = (0..<count).map { $0 % 2 }
    for label in labels {
      for _ in 0..<width * width * 3 { pixels.append(UInt8(label * 90 + generator.next(below: 120))) }
    }
    return try LabeledImages(
      name: "tiny", width: width, height: width, classes: ["dark", "bright"], labels: labels, pixels: pixels)
  }

  /// The mirror of public data beside the checkout, or wherever `HARDWISE_DATA` says; nil if there is none.
  static var mirror: URL? {
    let beside = URL(filePath: #filePath).pathComponents.drop { $0 == "/" }
    var candidates: [URL] = []
    if let path = ProcessInfo.processInfo.environment["HARDWISE_DATA"] { candidates.append(URL(filePath: path)) }
    for depth in stride(from: beside.count - 1, to: 0, by: -1) {
      candidates.append(URL(filePath: "/" + beside.prefix(depth).joined(separator: "/") + "/shared/data"))
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0.appending(path: "weights").path) }
  }

  /// A folder that is removed when `body` is done.
  static func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "VisionModelsTests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// A short configuration for ``tiny(count:width:)``: 4 epochs of 3 batches.
  static func configuration(_ images: LabeledImages) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      epochs: 4, batchSize: 16, schedule: .constant(0.05), normalization: images.normalization,
      augmentation: Augmentation(cropPadding: 1, padding: .zero, flip: .random), seed: 7)
    configuration.averaging = .lookahead(every: 2, decay: 0.5)
    return configuration
  }

  /// A network for ``tiny(count:width:)`` with batch norm and dropout.
  static func network(seed: UInt64 = 2) throws -> Network {
    var network = try NetworkGraphTests.tiny()
    try network.insert(Node(name: "drop", op: .dropout(0.2), inputs: []), after: "gap")
    network.initialize(seed: seed)
    return network
  }
}
