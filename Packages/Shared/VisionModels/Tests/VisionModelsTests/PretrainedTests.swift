import Foundation
import ImageDataset
import Testing
import VisionModels

/// The published ResNet-20 on the 10 000 real CIFAR-10 test images; runs only where both are at hand.
@Suite struct PretrainedTests {
  static var isAvailable: Bool {
    guard let mirror = TestData.mirror else { return false }
    return ["cifar10/manifest.json", "weights/resnet20-cifar10.safetensors"].allSatisfy {
      FileManager.default.fileExists(atPath: mirror.appending(path: $0).path)
    }
  }

  @Test(.enabled(if: isAvailable)) func resnet20ScoresItsPublishedAccuracy() throws {
    let mirror = try #require(TestData.mirror)
    let network = try Network(loading: mirror.appending(path: "weights/resnet20-cifar10.safetensors"))
    #expect(network.normalization == .imagenet)
    let images = try DatasetReader.open(mirror.appending(path: "cifar10")).test
    let report = try EvaluationReport(evaluating: network, on: images, batchSize: 125)
    #expect(report.images == 10_000)
    #expect(abs(report.accuracy - 0.9173) <= 0.0002)
  }
}
