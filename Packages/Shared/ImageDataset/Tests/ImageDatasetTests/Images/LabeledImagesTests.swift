import FileKit
import Foundation
import ImageDataset
import Testing

@Suite struct LabeledImagesTests {
  @Test func fromMemory() throws {
    let images = try LabeledImages(
      name: "two", width: 1, height: 2, channels: 1, classes: ["a", "b"], labels: [1, 0], pixels: [0, 255, 51, 102])
    #expect(images.count == 2 && images.pixels(of: 1) == [51, 102])
    #expect(images.sha256 == SHA256.hexDigest(of: Data([0, 255, 51, 102])))
    #expect(abs(images.mean[0] - 0.4) < 1e-6)
    #expect(abs(images.std[0] - Float(0.14).squareRoot()) < 1e-6)
    #expect(throws: DatasetError.self) {
      try LabeledImages(name: "x", width: 1, height: 1, channels: 1, classes: ["a"], labels: [1], pixels: [0])
    }
    #expect(throws: DatasetError.self) {
      try LabeledImages(name: "x", width: 1, height: 1, channels: 1, classes: ["a"], labels: [0], pixels: [0, 1])
    }
  }

  @Test func aConstantImageHasNoScale() throws {
    let images = try LabeledImages(
      name: "flat", width: 2, height: 2, channels: 1, classes: ["a"], labels: [0], pixels: [7, 7, 7, 7])
    #expect(images.std == [1] && images.batch(0..<1).images.scalars.allSatisfy { abs($0) < 1e-6 })
  }

  @Test func subsets() throws {
    let images = try Samples.images(count: 10)
    let some = images.subset([7, 2, 2]).subset([2, 0])
    #expect(some.labels == [images.labels[2], images.labels[7]])
    #expect(some.pixels(of: 0) == images.pixels(of: 2) && some.pixels(of: 1) == images.pixels(of: 7))
    #expect(some.allPixels == images.pixels(of: 2) + images.pixels(of: 7))
    #expect(some.sha256 == SHA256.hexDigest(of: Data(some.allPixels)))
    #expect(images.prefix(3).labels == Array(images.labels.prefix(3)) && images.prefix(99).count == 10)
    #expect(images.subset([]).count == 0 && images.subset([]).batch([]).count == 0)
  }

  @Test func stratifiedDraws() throws {
    let images = try LabeledImages(
      name: "s", width: 1, height: 1, channels: 1, classes: ["a", "b", "c"],
      labels: Array(repeating: 0, count: 60) + Array(repeating: 1, count: 30) + Array(repeating: 2, count: 10),
      pixels: (0..<100).map { UInt8($0) })
    let (chosen, rest) = images.stratified(count: 20, seed: 4)
    #expect(chosen.classCounts == [12, 6, 2] && rest.classCounts == [48, 24, 8])
    #expect(Set(chosen.allPixels).union(rest.allPixels).count == 100)
    #expect(chosen.allPixels == chosen.allPixels.sorted())
    #expect(images.stratified(count: 20, seed: 4).chosen.allPixels == chosen.allPixels)
    #expect(images.stratified(count: 20, seed: 5).chosen.allPixels != chosen.allPixels)
    for count in [0, 1, 7, 99, 100] { #expect(images.stratified(count: count, seed: 1).chosen.count == count) }
    #expect(images.indices(ofClass: 2) == Array(90..<100))
  }

  @Test(arguments: [5, 12])
  func resizingLikePillow(size: Int) throws {
    let images = try LabeledImages(
      name: "r", width: 8, height: 8, channels: 1, classes: ["a"], labels: [0], pixels: ResizeGoldens.source)
    let expected = try #require(ResizeGoldens.bySize[size])
    for (level, golden) in zip(images.resized(to: size).pixels(of: 0), expected) {
      #expect(abs(Int(level) - Int(golden)) <= 1)
    }
  }

  @Test func framingAndCropping() throws {
    let images = try LabeledImages(
      name: "p", width: 2, height: 2, channels: 1, classes: ["a"], labels: [0], pixels: [1, 2, 3, 4])
    #expect(images.resized(to: 4, method: .pad).pixels(of: 0) == [0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0])
    let wide = try LabeledImages(
      name: "w", width: 4, height: 2, channels: 1, classes: ["a"], labels: [0], pixels: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(wide.resized(to: 2, method: .pad).pixels(of: 0) == [2, 3, 6, 7])
    #expect(images.resized(to: 2).pixels(of: 0) == [1, 2, 3, 4])
  }

  @Test func grayBecomesRGB() throws {
    let images = try LabeledImages(
      name: "g", width: 2, height: 1, channels: 1, classes: ["a"], labels: [0, 0], pixels: [1, 2, 3, 4])
    let rgb = images.subset([1]).rgb()
    #expect(rgb.pixels(of: 0) == [3, 3, 3, 4, 4, 4] && rgb.mean == Array(repeating: images.mean[0], count: 3))
    #expect(rgb.rgb().channels == 3)
  }
}
