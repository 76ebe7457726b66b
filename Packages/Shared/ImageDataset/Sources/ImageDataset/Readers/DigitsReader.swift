import FileKit
import Foundation

/// Reads the digits set: one grey atlas of 8 × 8 images and one digit per image.
struct DigitsReader {
  static let imageFile = "digits.png"
  static let labelFile = "digits.labels"
  private static let side = 8
  /// The usual split: the first 80 %, rounded up, are the training images (1438 of 1797).
  private static func trainCount(of total: Int) -> Int { (total * 4 + 4) / 5 }

  let folder: URL

  func read() throws(DatasetError) -> DatasetSplits {
    let imageURL = folder.appendingPathComponent(Self.imageFile)
    let file = try DatasetFiles.map(imageURL)
    let image: GrayImage
    do throws(PNGError) {
      image = try PNG.decodeGray(file.data(in: 0..<file.count), options: .atlas, file: imageURL.path)
    } catch {
      throw .png(error)
    }
    guard image.width == Self.side, image.height % Self.side == 0, image.height >= 2 * Self.side else {
      throw .imageSize(
        file: imageURL.path, expected: "8 pixels wide and a multiple of 8 high",
        found: "\(image.width) × \(image.height)")
    }
    let count = image.height / Self.side
    let labelURL = folder.appendingPathComponent(Self.labelFile)
    let labels = try Labels.parse(DatasetFiles.text(of: labelURL), count: count, classes: 10, file: labelURL.path)
    return splits(image: image, labels: labels)
  }

  private func splits(image: GrayImage, labels: [Int]) -> DatasetSplits {
    let size = Self.side * Self.side
    let trainCount = Self.trainCount(of: labels.count)
    let train = PixelStorage(Array(image.pixels[..<(trainCount * size)]))
    let test = PixelStorage(Array(image.pixels[(trainCount * size)...]))
    let statistics = PixelStatistics.normalization(of: train, channels: 1)
    let info = DatasetInfo(
      name: "digits", classes: ClassNames.digits, width: Self.side, height: Self.side, channels: 1,
      mean: statistics.mean, std: statistics.std, origin: .real, license: "CC BY 4.0",
      source: "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, https://doi.org/10.24432/C50P49")
    return DatasetSplits(
      name: "digits",
      train: LabeledImages(info, split: "train", labels: Array(labels[..<trainCount]), storage: train),
      test: LabeledImages(info, split: "test", labels: Array(labels[trainCount...]), storage: test))
  }
}
