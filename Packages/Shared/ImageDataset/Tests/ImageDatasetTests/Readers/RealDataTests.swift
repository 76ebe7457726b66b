import Foundation
import ImageDataset
import Testing

/// Real data sets, where they are on the machine.
@Suite struct RealDataTests {
  @Test(.enabled(if: RealData.url("cifar10") != nil))
  func cifar10Test() throws {
    let folder = try #require(RealData.url("cifar10"))
    let cache = TemporaryFolder()
    let splits = try DatasetReader.open(folder, cache: DecodedCache(folder: cache.url))
    #expect(splits.test.count == 10_000 && splits.train.count == 50_000)
    #expect(splits.test.sha256 == "18f8814f5c360410ee36b52b94d8e9c2ee560eaa2b7943c3d30feb98c591e286")
    #expect(splits.train.classes == ClassNames.cifar10)
    #expect(splits.test.classCounts == Array(repeating: 1000, count: 10))
    // The published statistics follow from the pixels.
    let recomputed = try LabeledImages(
      name: "check", width: 32, height: 32, classes: splits.train.classes, labels: splits.train.labels,
      pixels: splits.train.allPixels)
    for channel in 0..<3 {
      #expect(abs(recomputed.mean[channel] - splits.train.mean[channel]) < 1e-6)
      #expect(abs(recomputed.std[channel] - splits.train.std[channel]) < 1e-6)
    }
    // The second time comes from the cache.
    let again = try DatasetReader.open(folder, cache: DecodedCache(folder: cache.url))
    #expect(again.test.sha256 == splits.test.sha256 && again.test.labels == splits.test.labels)
    #expect(again.test.pixels(of: 9_999) == splits.test.pixels(of: 9_999))
  }

  @Test(.enabled(if: RealData.fashionMNIST != nil))
  func fashionMNIST() throws {
    let splits = try DatasetReader.open(#require(RealData.fashionMNIST), cache: .disabled)
    #expect(splits.train.count == 60_000 && splits.test.count == 10_000)
    #expect(splits.train.classes == ClassNames.fashionMNIST && splits.train.width == 28)
    #expect(splits.train.classCounts == Array(repeating: 6000, count: 10))
    // The widely published statistics of the training split.
    #expect(abs(splits.train.mean[0] - 0.2860) < 1e-4 && abs(splits.train.std[0] - 0.3530) < 1e-4)
  }
}
