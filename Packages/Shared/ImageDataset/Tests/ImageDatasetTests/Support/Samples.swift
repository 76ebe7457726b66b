import Foundation
import ImageDataset

/// Small data sets in memory.
enum Samples {
  static func images(
    count: Int = 20, width: Int = 6, height: Int = 5, channels: Int = 3, classes: Int = 3, seed: UInt64 = 1
  ) throws -> LabeledImages {
    var noise = Noise(seed)
    return try LabeledImages(
      name: "noise", width: width, height: height, channels: channels, classes: (0..<classes).map { "class \($0)" },
      labels: (0..<count).map { _ in noise.next(classes) }, pixels: noise.bytes(count * width * height * channels))
  }

  static func splits(channels: Int = 3) throws -> DatasetSplits {
    DatasetSplits(
      name: "noise", train: try images(count: 23, channels: channels),
      test: try LabeledImages(
        name: "noise", split: "test", width: 6, height: 5, channels: channels, classes: (0..<3).map { "class \($0)" },
        labels: [0, 1, 2, 1], pixels: Array(repeating: 9, count: 4 * 30 * channels)))
  }
}

extension LabeledImages {
  var allPixels: [UInt8] { withPixels { Array($0) } }
}
