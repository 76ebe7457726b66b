import TinyTensor

/// A made-up data set in the style of CIFAR for machines without a real one: 32 × 32 RGB, deterministic by its seed.
///
/// A class is a combination of a shape, a texture and a range of colours; one image shows it at a random place, size,
/// angle and lighting, on a random background, with noise and sometimes something in front. Shape alone or texture alone
/// tells only half of the classes apart, and colours overlap, so that a network has to learn all of them.
public enum SyntheticImages {
  /// Pixels per side.
  public static let side = 32
  /// Shapes × textures × colours.
  public static let maximumClasses = 100

  /// Makes a data set.
  ///
  /// - Parameters:
  ///   - train: How many training images.
  ///   - test: How many test images.
  ///   - classes: How many classes, up to 100; every class gets the same number of images (±1).
  ///   - seed: The same seed makes the same images.
  ///   - difficulty: From 0 (large, upright, clean) to 1 (small, turned, dark, noisy, partly hidden).
  public static func make(
    train: Int = 5000, test: Int = 1000, classes: Int = 10, seed: UInt64 = 0, difficulty: Float = 0.5
  ) -> DatasetSplits {
    precondition(train > 0 && test > 0, "both splits need images")
    precondition((2...maximumClasses).contains(classes), "a synthetic data set has 2 to \(maximumClasses) classes")
    let difficulty = min(max(difficulty, 0), 1)
    let kinds = (0..<classes).map { SyntheticClass(number: $0) }
    let (trainLabels, trainPixels) = paint(kinds, count: train, seed: seed, split: "train", difficulty: difficulty)
    let (testLabels, testPixels) = paint(kinds, count: test, seed: seed, split: "test", difficulty: difficulty)
    let statistics = PixelStatistics.normalization(of: trainPixels, channels: 3)
    let info = DatasetInfo(
      name: "synthetic", classes: kinds.map(\.name), width: side, height: side, channels: 3, mean: statistics.mean,
      std: statistics.std, origin: .synthetic, license: "CC0 1.0",
      source: "made by ImageDataset (seed \(seed), difficulty \(difficulty))")
    return DatasetSplits(
      name: info.name,
      train: LabeledImages(info, split: "train", labels: trainLabels, storage: trainPixels),
      test: LabeledImages(info, split: "test", labels: testLabels, storage: testPixels))
  }

  private static func paint(
    _ kinds: [SyntheticClass], count: Int, seed: UInt64, split: String, difficulty: Float
  ) -> (labels: [Int], pixels: PixelStorage) {
    var random = Philox(seed: seed, stream: "synthetic/\(split)/labels")
    var labels = (0..<count).map { $0 % kinds.count }
    labels.fisherYates(using: &random)
    let painter = SyntheticPainter(side: side, difficulty: difficulty)
    let size = side * side * 3
    let pixels = PixelStorage(count: count * size) { bytes in
      guard let base = bytes.baseAddress else { return }
      parallelFor(count) { index in
        var random = Philox(seed: seed, stream: "synthetic/\(split)/\(index)")
        painter.paint(kinds[labels[index]], using: &random, into: base + index * size)
      }
    }
    return (labels, pixels)
  }
}
