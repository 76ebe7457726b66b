import Foundation
import ImageDataset
import Testing

@Suite struct PNGConversionTests {
  @Test(arguments: PillowGolden.all)
  func pillow(golden: PillowGolden) throws {
    let image = try PNG.decode(golden.file)
    #expect(image.width == 5 && image.height == 4)
    #expect(image.pixels == golden.pixels)
  }

  struct Kind: Sendable, CustomTestStringConvertible {
    let colorType: Int
    let bitDepth: Int
    let isInterlaced: Bool
    var testDescription: String { "type \(colorType), \(bitDepth) bits\(isInterlaced ? ", interlaced" : "")" }
  }

  static let kinds: [Kind] = [
    0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
  ].sorted { $0.key < $1.key }.flatMap { type, depths in
    depths.flatMap { depth in
      [false, true].map { Kind(colorType: type, bitDepth: depth, isInterlaced: $0) }
    }
  }

  /// Every kind of image in odd sizes against a conversion written down from the PNG specification.
  @Test(arguments: kinds)
  func everyKind(kind: Kind) throws {
    for (width, height) in [(1, 1), (5, 4), (9, 17), (33, 3)] {
      var noise = Noise(UInt64(kind.colorType * 100 + kind.bitDepth))
      var builder = PNGBuilder(
        width: width, height: height, bitDepth: kind.bitDepth, colorType: kind.colorType,
        isInterlaced: kind.isInterlaced)
      let palette = noise.bytes(3 << min(kind.bitDepth, 8))
      if kind.colorType == 3 { builder.palette = palette }
      let samples = (0..<width * height * builder.samplesPerPixel).map { _ in noise.next(1 << kind.bitDepth) }
      let image = try PNG.decode(builder.file(samples))
      #expect(image.width == width && image.height == height)
      #expect(image.pixels == reference(samples, kind, palette: palette))
    }
  }

  private func reference(_ samples: [Int], _ kind: Kind, palette: [UInt8]) -> [UInt8] {
    let maximum = Double((1 << kind.bitDepth) - 1)
    func level(_ sample: Int) -> Double { (Double(sample) / maximum * 255).rounded() }
    func over(_ sample: Int, _ alpha: Int) -> UInt8 { UInt8((level(sample) * level(alpha) / 255).rounded()) }
    switch kind.colorType {
    case 0: return samples.flatMap { [UInt8](repeating: UInt8(level($0)), count: 3) }
    case 2: return samples.map { UInt8(level($0)) }
    case 3: return samples.flatMap { Array(palette[3 * $0..<3 * $0 + 3]) }
    case 4:
      return stride(from: 0, to: samples.count, by: 2).flatMap { index in
        [UInt8](repeating: over(samples[index], samples[index + 1]), count: 3)
      }
    default:
      return stride(from: 0, to: samples.count, by: 4).flatMap { index in
        (0..<3).map { over(samples[index + $0], samples[index + 3]) }
      }
    }
  }

  @Test func transparentColours() throws {
    // tRNS names one colour that is transparent; everything else is opaque.
    let gray = PNGBuilder(width: 3, height: 1, colorType: 0, transparency: [0, 7])
    #expect(try PNG.decode(gray.file([7, 8, 255])).pixels == [0, 0, 0, 8, 8, 8, 255, 255, 255])
    let rgb = PNGBuilder(width: 2, height: 1, colorType: 2, transparency: [0, 1, 0, 2, 0, 3])
    #expect(try PNG.decode(rgb.file([1, 2, 3, 1, 2, 4])).pixels == [0, 0, 0, 1, 2, 4])
    for file in [gray.file([7, 8, 255]), rgb.file([1, 2, 3, 1, 2, 4])] {
      #expect(throws: PNGError.self) { try PNG.decode(file, options: PNGOptions(transparency: .refused)) }
    }
  }

  @Test func grayOutput() throws {
    let gray = PNGBuilder(width: 2, height: 2, bitDepth: 4, colorType: 0).file([0, 5, 10, 15])
    #expect(try PNG.decodeGray(gray).pixels == [0, 85, 170, 255])
    let error = #expect(throws: PNGError.self) {
      try PNG.decodeGray(PNGBuilder(width: 1, height: 1).file([1, 2, 3]), file: "colour.png")
    }
    #expect(error?.description.hasPrefix("colour.png: ") == true)
  }

  @Test(arguments: [(1, 1), (7, 3), (64, 130)])
  func encodingRoundTrip(width: Int, height: Int) throws {
    var noise = Noise(3)
    let rgb = RGBImage(width: width, height: height, pixels: noise.bytes(width * height * 3))
    let gray = GrayImage(width: width, height: height, pixels: noise.bytes(width * height))
    for level in [0, 6, 9] {
      #expect(try PNG.decode(PNG.encode(rgb, compressionLevel: level)) == rgb)
      #expect(try PNG.decodeGray(PNG.encode(gray, compressionLevel: level)) == gray)
    }
  }

  @Test func rowByRow() throws {
    var noise = Noise(5)
    let folder = TemporaryFolder()
    let image = RGBImage(width: 9, height: 10, pixels: noise.bytes(270))
    let url = folder.url.appendingPathComponent("image.png")
    try PNG.write(image, to: url)
    let reader = try PNGRowReader(url)
    #expect(reader.width == 9 && reader.height == 10)
    var rows: [UInt8] = []
    for count in [1, 4, 0, 9, 3] { rows += try reader.readRows(count) }
    try reader.finish()
    #expect(rows == image.pixels && reader.rowsRead == 10 && reader.warnings.isEmpty)
  }

  @Test func interlacedImagesCannotBeReadRowByRow() throws {
    let folder = TemporaryFolder()
    try folder.write(PNGBuilder(isInterlaced: true).file(Array(repeating: 3, count: 60)), "i.png")
    let reader = try PNGRowReader(folder.url.appendingPathComponent("i.png"))
    #expect(throws: PNGError.self) { try reader.readRows(1) }
  }
}
