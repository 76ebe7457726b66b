import Foundation
import ImageDataset
import JSONC
import Testing

@Suite struct AugmentationTests {
  static let recipes: [Augmentation] = [
    .none, .standard, .airbench, Augmentation(cutout: 3),
    Augmentation(cropPadding: 1, padding: .reflect, flip: .random, cutout: 2),
    Augmentation(cropPadding: 9, flip: .alternating), Augmentation(cropPadding: 9, padding: .reflect),
    Augmentation(cutout: 50),
  ]

  @Test(arguments: recipes)
  func againstTheReference(augmentation: Augmentation) throws {
    for (width, height, channels) in [(6, 5, 3), (1, 1, 3), (2, 9, 3), (7, 3, 1), (33, 2, 3), (1, 4, 1)] {
      let images = try Samples.images(count: 12, width: width, height: height, channels: channels)
      for (seed, epoch) in [(1, 0), (1, 1), (1 << 40 + 5, 7)] as [(UInt64, Int)] {
        let loader = BatchLoader(
          images, batchSize: 5, augmentation: augmentation, seed: seed, epoch: epoch, shuffle: false, prefetch: 0)
        let reference = AugmentReference(
          images: images, normalization: images.normalization, augmentation: augmentation, seed: seed, epoch: epoch)
        for batch in loader {
          let scalars = batch.images.scalars
          let size = images.bytesPerImage
          for (slot, index) in batch.indices.enumerated() {
            let expected = reference.image(index)
            for offset in 0..<size { #expect(abs(Double(scalars[slot * size + offset]) - expected[offset]) < 2e-5) }
          }
        }
      }
    }
  }

  @Test(arguments: [ImageView.plain, .mirrored, ImageView(dy: 1, dx: -1), ImageView(dy: -1, dx: 1, isMirrored: true)])
  func views(view: ImageView) throws {
    let images = try Samples.images(count: 4, width: 8, height: 7)
    let reference = AugmentReference(
      images: images, normalization: .imagenet, augmentation: .none, seed: 0, epoch: 0)
    let batch = images.batch([3, 1], normalization: .imagenet, view: view)
    #expect(
      batch.images.shape == [2, 7, 8, 3] && batch.indices == [3, 1]
        && batch.labels == [images.labels[3], images.labels[1]])
    let expected = [3, 1].flatMap {
      reference.view($0, dy: view.dy, dx: view.dx, isMirrored: view.isMirrored, padding: .reflect)
    }
    for (scalar, value) in zip(batch.images.scalars, expected) { #expect(abs(Double(scalar) - value) < 2e-5) }
  }

  @Test func drawsAreSpreadEvenly() throws {
    // A single white pixel shows where the crop went and whether it was mirrored.
    let images = try LabeledImages(
      name: "dots", width: 9, height: 9, channels: 1, classes: ["a"], labels: Array(repeating: 0, count: 4000),
      pixels: (0..<4000).flatMap { _ in (0..<81).map { $0 == 39 ? 255 : 0 } },
      normalization: Normalization(mean: [0], std: [1]))
    var places: [Int: Int] = [:]
    for batch in BatchLoader(
      images, batchSize: 500, augmentation: Augmentation(cropPadding: 1, flip: .random), seed: 3, shuffle: false)
    {
      let scalars = batch.images.scalars
      for slot in 0..<batch.count {
        places[scalars[slot * 81..<(slot + 1) * 81].firstIndex(of: 1).map { $0 - slot * 81 } ?? -1, default: 0] += 1
      }
    }
    // Nine crops times two directions, with no place in common: column 3 ± 1 or its mirror image 5 ± 1 share column 4.
    #expect(places.values.reduce(0, +) == 4000 && places[-1] == nil)
    for row in 3...5 {
      for (column, share) in [(2, 1), (3, 1), (4, 2), (5, 1), (6, 1)] {
        let count = places[row * 9 + column] ?? 0
        #expect(abs(Double(count) - 4000 * Double(share) / 18) < 90, "row \(row), column \(column): \(count)")
      }
    }
  }

  @Test func alternatingFlipShowsBothSidesInTwoEpochs() throws {
    let images = try Samples.images(count: 50)
    func epoch(_ number: Int) -> [[Float]] {
      let loader = BatchLoader(
        images, batchSize: 50, augmentation: Augmentation(flip: .alternating), seed: 5, epoch: number, shuffle: false)
      let scalars = loader.batch(at: 0).images.scalars
      return (0..<50).map { Array(scalars[$0 * 90..<($0 + 1) * 90]) }
    }
    let plain = images.batch(0..<50).images.scalars
    let mirrored = images.batch(0..<50, view: .mirrored).images.scalars
    let epochs = (0..<4).map { epoch($0) }
    for index in 0..<50 {
      let sides = [Array(plain[index * 90..<(index + 1) * 90]), Array(mirrored[index * 90..<(index + 1) * 90])]
      #expect(Set([epochs[0][index], epochs[1][index]]) == Set(sides))
      #expect(epochs[0][index] == epochs[2][index] && epochs[1][index] == epochs[3][index])
    }
    #expect((10...40).contains((0..<50).filter { epochs[0][$0] == Array(plain[$0 * 90..<($0 + 1) * 90]) }.count))
  }

  @Test func asJSON() throws {
    let value = Augmentation(cropPadding: 2, padding: .reflect, flip: .alternating, cutout: 12)
    #expect(try JSON.decode(Augmentation.self, from: JSON.encode(value)) == value)
    #expect(try JSON.decode(Augmentation.self, from: "{\"flip\":\"random\"}") == Augmentation(flip: .random))
    for text in ["{\"cutout\":-1}", "{\"cropPadding\":100000}", "{\"flip\":\"sideways\"}", "[]"] {
      #expect(throws: JSONError.self) { try JSON.decode(Augmentation.self, from: text) }
    }
    for text in ["{\"mean\":[0.5],\"std\":[0]}", "{\"mean\":[0.5],\"std\":[1,1]}", "{\"mean\":[],\"std\":[]}"] {
      #expect(throws: JSONError.self) { try JSON.decode(Normalization.self, from: text) }
    }
  }
}
