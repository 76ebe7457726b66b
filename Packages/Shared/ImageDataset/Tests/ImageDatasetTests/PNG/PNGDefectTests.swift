import Foundation
import ImageDataset
import Testing

/// Broken images: each a typed error with the name of the file, none a trap.
@Suite struct PNGDefectTests {
  private static func sample() throws -> Data {
    var noise = Noise(11)
    return try PNG.encode(RGBImage(width: 8, height: 8, pixels: noise.bytes(192)))
  }

  private func expectError(_ data: Data, _ note: String, mentions: String = "") {
    let error = #expect(throws: PNGError.self, "\(note)") { try PNG.decode(data, file: "broken.png") }
    guard let error else { return }
    #expect(error.description.hasPrefix("broken.png: ") && !error.description.contains("\n"), "\(note)")
    #expect(mentions.isEmpty || error.reason.localizedCaseInsensitiveContains(mentions), "\(note): \(error.reason)")
  }

  @Test func everyTruncation() throws {
    let data = try Self.sample()
    for length in 0..<data.count { expectError(data.prefix(length), "\(length) bytes") }
  }

  @Test func everyByteFlipped() throws {
    var data = try Self.sample()
    for index in data.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        data[index] ^= mask
        expectError(data, "byte \(index) ^ \(mask)")
        data[index] ^= mask
      }
    }
  }

  /// Damage behind correct checksums reaches the decompressor and the filters.
  @Test func everyCompressedByteFlipped() {
    var noise = Noise(13)
    let builder = PNGBuilder(width: 6, height: 6)
    let compressed = builder.filtered((0..<108).map { _ in noise.next(256) }).zlibbed
    for index in compressed.indices {
      for mask: UInt8 in [0x01, 0x10, 0xFF] {
        var broken = compressed
        broken[index] ^= mask
        let image = try? PNG.decode(builder.file(compressed: broken))
        #expect(image == nil || image?.pixels.count == 108)
      }
    }
    for length in 0..<compressed.count - 4 {
      expectError(builder.file(compressed: compressed.prefix(length)), "\(length) compressed bytes")
    }
  }

  @Test func headers() {
    expectError(PNGBuilder(width: 0).file(compressed: Data()), "no width", mentions: "width")
    expectError(PNGBuilder(height: 0).file(compressed: Data()), "no height", mentions: "height")
    expectError(PNGBuilder(width: 4097).file(compressed: Data()), "too wide", mentions: "width")
    expectError(PNGBuilder(height: 4097).file(compressed: Data()), "too high", mentions: "height")
    expectError(PNGBuilder(width: Int(UInt32.max), height: Int(UInt32.max)).file(compressed: Data()), "enormous")
    expectError(PNGBuilder(width: 4096, height: 4096).file(compressed: Data([1]).zlibbed), "promises 16 million pixels")
    for depth in [0, 3, 5, 7, 9, 15, 17, 32, 255] {
      expectError(
        PNGBuilder(bitDepth: depth, colorType: 0).file(compressed: Data()), "\(depth) bits", mentions: "bit depth")
    }
    for type in [1, 5, 7, 8, 255] {
      expectError(PNGBuilder(colorType: type).file(compressed: Data()), "colour type \(type)", mentions: "color type")
    }
    for (type, depth) in [(2, 1), (2, 4), (3, 16), (4, 4), (6, 2)] {
      expectError(PNGBuilder(bitDepth: depth, colorType: type).file(compressed: Data()), "type \(type), \(depth) bits")
    }
    for index in 10..<13 {  // compression, filter, interlace method
      var header = PNGBuilder().header
      header[index] = 9
      let file = PNGBuilder.signature + PNGBuilder.chunk("IHDR", header) + PNGBuilder.chunk("IEND", Data())
      expectError(file, "method byte \(index)")
    }
  }

  @Test func limitsComeFromTheCaller() throws {
    let file = PNGBuilder(width: 5, height: 4).file(Array(repeating: 1, count: 60))
    #expect(throws: Never.self) { try PNG.decode(file, options: PNGOptions(maximumWidth: 5, maximumHeight: 4)) }
    #expect(throws: PNGError.self) { try PNG.decode(file, options: PNGOptions(maximumWidth: 4, maximumHeight: 4)) }
    #expect(throws: PNGError.self) { try PNG.decode(file, options: PNGOptions(maximumWidth: 5, maximumHeight: 3)) }
    #expect(throws: PNGError.self) { try PNG.decode(file, options: PNGOptions(maximumWidth: -1)) }
  }

  @Test func structure() {
    let builder = PNGBuilder()
    let pixels = builder.filtered(Array(repeating: 1, count: 60)).zlibbed
    let header = PNGBuilder.chunk("IHDR", builder.header)
    let data = PNGBuilder.chunk("IDAT", pixels)
    let end = PNGBuilder.chunk("IEND", Data())
    let signature = PNGBuilder.signature
    expectError(signature + header + end, "no pixels")
    expectError(signature + data + end, "no header")
    expectError(signature + header + header + data + end, "two headers")
    expectError(signature + header + data, "no end", mentions: "too early")
    expectError(signature + header + PNGBuilder.chunk("ABCD", Data()) + data + end, "unknown critical chunk")
    expectError(signature + header + PNGBuilder.chunk("IDAT", Data()) + end, "empty pixels")
    var wrong = PNGBuilder.chunk("tEXt", Data("a\0b".utf8))
    wrong[wrong.count - 1] ^= 1
    expectError(signature + header + wrong + data + end, "bad checksum of a comment", mentions: "crc")
    expectError(PNGBuilder(colorType: 3).file(compressed: pixels), "no palette", mentions: "PLTE")
    expectError(PNGBuilder(colorType: 3, palette: [1, 2]).file(compressed: pixels), "palette of 2 bytes")
  }

  @Test func filtersAndRows() {
    let builder = PNGBuilder(width: 2, height: 2)
    var rows = builder.filtered(Array(repeating: 1, count: 12))
    rows[7] = 5
    expectError(builder.file(compressed: rows.zlibbed), "filter 5", mentions: "filter")
    expectError(builder.file(compressed: rows.prefix(7).zlibbed), "one row of two")
    expectError(builder.file(compressed: Data().zlibbed), "no rows")
  }

  @Test(arguments: ["", "\u{89}PNG", "GIF89a", "<html></html>", "{\"a\": 1}", "P6 1 1 255 abc"])
  func otherFiles(text: String) { expectError(Data(text.utf8), text) }

  @Test func palettesThatAreTooShort() {
    // An index behind the palette: libpng warns; the pixel becomes some colour, never a read outside.
    let file = PNGBuilder(width: 4, height: 1, colorType: 3, palette: [1, 2, 3]).file([0, 1, 200, 255])
    let image = try? PNG.decode(file)
    #expect(image == nil || image?.pixels.prefix(3) == [1, 2, 3])
  }

  @Test func metadataIsNotUnpacked() throws {
    // A profile that would unpack to 64 MB is passed over.
    let bomb = Data("x\0\0".utf8) + Data(repeating: 0, count: 64 << 20).prefix(1 << 20).zlibbed
    let file = PNGBuilder(extra: [("iCCP", bomb), ("zTXt", bomb), ("iTXt", bomb), ("eXIf", Data(count: 70_000))])
      .file(Array(repeating: 1, count: 60))
    #expect(try PNG.decode(file).pixels == Array(repeating: 1, count: 60))
  }

  @Test func warningsAreHandedOut() throws {
    // More compressed data than rows is harmless.
    let builder = PNGBuilder(width: 2, height: 1)
    let rows = builder.filtered(Array(repeating: 1, count: 6)) + Data(count: 50)
    var warnings: [String] = []
    let file = builder.file(compressed: rows.zlibbed)
    let image = try PNG.decode(file, file: "long.png", warnings: { warnings.append($0) })
    #expect(image.pixels == [1, 1, 1, 1, 1, 1])
    #expect(!warnings.isEmpty && warnings.allSatisfy { $0.hasPrefix("long.png: ") })
  }

  @Test func missingFiles() {
    let error = #expect(throws: PNGError.self) { try PNGRowReader(URL(fileURLWithPath: "/nonexistent.png")) }
    #expect(error?.file == "/nonexistent.png")
  }
}
