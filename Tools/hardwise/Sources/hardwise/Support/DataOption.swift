import ArgumentParser
import Foundation
import ImageDataset
import ReproductionKit

/// `--data`, which every command on images has.
struct DataOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images: cifar10, cifar100, fashion-mnist, digits, synthetic, or a folder.", valueName: "name|folder"))
  var data = "cifar10"

  /// Opens the images and, when they are not RGB of the size that `inputShape` (`[height, width, channels]`) asks for,
  /// converts them.
  func open(for inputShape: [Int]? = nil) throws -> DatasetSplits {
    let catalog = try DataCatalog()
    let splits = try ImageSource(data).open { try catalog.resolve($0).url }
    guard let inputShape, inputShape != [splits.train.height, splits.train.width, splits.train.channels] else {
      return splits
    }
    guard inputShape.count == 3, inputShape[0] == inputShape[1], inputShape[2] == 3 else {
      throw ValidationError(
        "the network wants inputs of shape \(inputShape), which \(data) cannot be converted to; use square RGB inputs")
    }
    return splits.rgb(size: inputShape[0])
  }
}
