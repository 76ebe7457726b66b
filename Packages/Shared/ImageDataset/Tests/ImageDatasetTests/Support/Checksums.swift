import Foundation

/// CRC-32 and Adler-32 as their definitions say, for building files without the libraries under test.
enum Checksums {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }

  static func crc32(_ data: Data) -> UInt32 {
    ~data.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }

  static func adler32(_ data: Data) -> UInt32 {
    var a: UInt32 = 1
    var b: UInt32 = 0
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }
}

extension Data {
  init(bigEndian value: UInt32) { self.init([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }) }
  init(littleEndian value: UInt32) { self.init([0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }) }

  /// Deflate without compression.
  var deflated: Data {
    var result = Data()
    var rest = self[...]
    repeat {
      let piece = rest.prefix(65_535)
      rest = rest.dropFirst(piece.count)
      let length = UInt16(piece.count)
      result.append(rest.isEmpty ? 1 : 0)
      for value in [length, ~length] { result += [UInt8(value & 0xFF), UInt8(value >> 8)] }
      result += piece
    } while !rest.isEmpty
    return result
  }

  /// A zlib stream without compression.
  var zlibbed: Data { Data([0x78, 0x01]) + deflated + Data(bigEndian: Checksums.adler32(self)) }

  /// A gzip file without compression.
  var gzipped: Data {
    Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]) + deflated + Data(littleEndian: Checksums.crc32(self))
      + Data(littleEndian: UInt32(truncatingIfNeeded: count))
  }
}
