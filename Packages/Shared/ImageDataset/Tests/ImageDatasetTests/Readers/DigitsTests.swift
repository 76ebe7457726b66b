import Foundation
import ImageDataset
import Testing

@Suite struct DigitsTests {
  @Test func embedded() throws {
    let splits = try DatasetReader.embeddedDigits()
    #expect(splits.train.count == 1438 && splits.test.count == 359 && splits.train.channels == 1)
    let counts = zip(splits.train.classCounts, splits.test.classCounts).map { $0 + $1 }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    #expect(splits.train.license == "CC BY 4.0" && splits.train.origin == .real)
    // The first image of the set is a zero; its second row, as scikit-learn's `load_digits().images[0][1]` has it.
    #expect(splits.train.labels[0] == 0)
    #expect(splits.train.pixels(of: 0)[8..<16].map { $0 == 255 ? 16 : $0 / 16 } == [0, 0, 13, 15, 10, 15, 5, 0])
  }

  @Test func forVisionModels() throws {
    let splits = try DatasetReader.embeddedDigits().rgb(size: 32)
    #expect(splits.train.width == 32 && splits.train.height == 32 && splits.train.channels == 3)
    #expect(splits.train.mean.count == 3 && splits.train.mean == splits.test.mean)
    #expect(splits.train.mean[0] > 0.2 && splits.train.mean[0] < 0.4)
  }

  private func dataset(labels: String, image: GrayImage) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(PNG.encode(image), "digits.png")
    try folder.write(labels, "digits.labels")
    return folder
  }

  private let five = GrayImage(width: 8, height: 40, pixels: Array(repeating: 16, count: 320))

  @Test func splitIsFourFifths() throws {
    let splits = try dataset(labels: "01234\n", image: five).open()
    #expect(splits.train.labels == [0, 1, 2, 3] && splits.test.labels == [4])
  }

  @Test(arguments: ["", "0123", "012345", "01a34", "0 1 2 3 10", "0 1 2 3", "é1234"])
  func wrongLabels(labels: String) throws {
    let folder = try dataset(labels: labels, image: five)
    let error = #expect(throws: DatasetError.self) { try folder.open() }
    #expect(error?.description.contains("digits.labels") == true)
  }

  @Test(arguments: [(8, 41), (8, 8), (7, 40), (9, 40)])
  func wrongImages(width: Int, height: Int) throws {
    let image = GrayImage(width: width, height: height, pixels: Array(repeating: 0, count: width * height))
    let folder = try dataset(labels: "01234", image: image)
    let error = #expect(throws: DatasetError.self) { try folder.open() }
    guard case .imageSize = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  @Test func coloursAreRefused() throws {
    let folder = try dataset(labels: "01234", image: five)
    try folder.write(PNG.encode(RGBImage(width: 8, height: 40, pixels: Array(repeating: 0, count: 960))), "digits.png")
    #expect(throws: DatasetError.self) { try folder.open() }
  }
}
