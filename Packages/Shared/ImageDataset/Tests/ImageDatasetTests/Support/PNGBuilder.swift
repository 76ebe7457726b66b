import Foundation

/// Writes PNG files of every kind straight from the specification, also broken ones.
struct PNGBuilder {
  var width = 5
  var height = 4
  var bitDepth = 8
  /// 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.
  var colorType = 2
  var isInterlaced = false
  var palette: [UInt8]?
  var transparency: [UInt8]?
  /// Chunks between the header and the pixels.
  var extra: [(type: String, body: Data)] = []

  var samplesPerPixel: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 1 }

  static let signature = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])

  static func chunk(_ type: String, _ body: Data) -> Data {
    let tagged = Data(type.utf8) + body
    return Data(bigEndian: UInt32(body.count)) + tagged + Data(bigEndian: Checksums.crc32(tagged))
  }

  var header: Data {
    Data(bigEndian: UInt32(width)) + Data(bigEndian: UInt32(height))
      + Data([UInt8(bitDepth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0])
  }

  /// The file of an image with the given samples, `[height, width, samplesPerPixel]`.
  func file(_ samples: [Int]) -> Data { file(compressed: filtered(samples).zlibbed) }

  func file(compressed: Data) -> Data {
    var file = Self.signature + Self.chunk("IHDR", header)
    if let palette { file += Self.chunk("PLTE", Data(palette)) }
    if let transparency { file += Self.chunk("tRNS", Data(transparency)) }
    for (type, body) in extra { file += Self.chunk(type, body) }
    return file + Self.chunk("IDAT", compressed) + Self.chunk("IEND", Data())
  }

  /// All rows, each behind filter byte 0; interlaced images as their seven passes.
  func filtered(_ samples: [Int]) -> Data {
    let passes =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    var data = Data()
    for (startX, startY, stepX, stepY) in passes where startX < width {
      for y in stride(from: startY, to: height, by: stepY) {
        let columns = stride(from: startX, to: width, by: stepX)
        data.append(0)
        data += packed(
          columns.flatMap { x in (0..<samplesPerPixel).map { samples[(y * width + x) * samplesPerPixel + $0] } })
      }
    }
    return data
  }

  private func packed(_ samples: [Int]) -> Data {
    var data = Data()
    var byte = 0
    var bits = 0
    for sample in samples {
      if bitDepth == 16 {
        data += [UInt8(sample >> 8), UInt8(sample & 0xFF)]
        continue
      }
      byte = byte << bitDepth | sample
      bits += bitDepth
      if bits == 8 {
        data.append(UInt8(byte))
        (byte, bits) = (0, 0)
      }
    }
    if bits > 0 { data.append(UInt8(byte << (8 - bits))) }
    return data
  }
}
