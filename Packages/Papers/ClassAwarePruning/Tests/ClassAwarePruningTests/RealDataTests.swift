import ClassAwarePruning
import Foundation
import ImageDataset
import ReproductionKit
import Testing
import VisionModels

/// Whether the published network and its images are on this machine.
enum RealData {
  static let isAvailable: Bool = {
    guard let catalog = try? DataCatalog() else { return false }
    return catalog.isAvailable("cifar10") && catalog.isAvailable("resnet20-cifar10")
  }()
}

/// Tests on the published network and real images; skipped where they are not on the machine.
@Suite("Published ResNet-20", .enabled(if: RealData.isAvailable))
struct RealDataTests {
  // Reference: PyTorch 2.13, forward with `retain_grad` on every convolution's output, mean cross-entropy per class,
  // `|a · grad| > 0`, on the first ten images of each class of the training atlas with this hash of its pixels.
  @Test("Score histogram (claim Q2): every bin ± 6 filters, dead filters ± 2")
  func histogram() throws {
    let catalog = try DataCatalog()
    let train = try DatasetReader.open(catalog.resolve("cifar10").url).train
    let isAtlas = train.sha256 == "bc0b8e223a2f28e10558c8c8be0f8f1eb97b17c83b67794dec7d3c060e2238f9"
    let network = try Network(loading: catalog.resolve("resnet20-cifar10").url, model: "resnet20")
    let scores = try ClassScorer().scores(network, data: train, normalization: .imagenet)
    let counts = scores.histogram(edges: [0, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5, 10])
    #expect(counts.reduce(0, +) == 688)
    #expect(abs(scores.layers.reduce(0) { $0 + $1.scores.count { $0 == 0 } } - 18) <= 2)
    guard isAtlas else { return }
    let reference = [18, 0, 2, 13, 40, 74, 82, 119, 116, 60, 40, 124]
    #expect(zip(counts, reference).allSatisfy { abs($0 - $1) <= 6 }, "\(counts)")
  }

  @Test("Removing the lowest tenth of the internal filters is exact")
  func exactRemoval() throws {
    let catalog = try DataCatalog()
    let splits = try DatasetReader.open(catalog.resolve("cifar10").url)
    let network = try Network(loading: catalog.resolve("resnet20-cifar10").url, model: "resnet20")
    let scores = try ClassScorer().scores(network, data: splits.train, normalization: .imagenet)
    let plan = try RemovalRule(strategy: .percentage(0.1)).plan(
      network, scores: scores.byLayer, units: ChannelUnits(network))
    #expect(plan.order.count == 33)
    let certificate = try ExactnessCertificate(
      original: network, plan: plan, rebuilt: network.pruned(by: plan),
      images: splits.test.batch(0..<16, normalization: .imagenet).images)
    #expect(certificate.holds && certificate.maximumDifference <= 1e-4)
  }
}
