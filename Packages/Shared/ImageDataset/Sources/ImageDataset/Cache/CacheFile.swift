import FileKit
import Foundation
import JSONC

/// The file format of ``DecodedCache``.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `HWPIXELS` |
/// | 4 | version (little-endian, like all numbers) |
/// | 4 | length of the header |
/// | 8 | size of the file |
/// | 8 | ``PixelChecksum`` of the body |
/// | 32 | the first half of the hexadecimal SHA-256 of the header |
/// | … | header: JSON |
/// | … | body, from the next multiple of 4096: per split its labels (16 bits each), then its pixels (from a multiple of 4096) |
enum CacheFile {
  static let magic = Array("HWPIXELS".utf8)
  static let version: UInt32 = 1
  static let preambleBytes = 64

  /// The description in front of the body; offsets count from the beginning of the body.
  struct Header: Codable {
    struct Split: Codable {
      var name: String
      var count: Int
      var labelOffset: Int
      var pixelOffset: Int
      var sha256: String
    }

    var key: String
    var info: DatasetInfo
    var splits: [Split]
  }

  static func aligned(_ offset: Int) -> Int { (offset + 4095) / 4096 * 4096 }

  /// The part of the header's checksum that the file stores.
  static func seal(of header: Data) -> [UInt8] { Array(SHA256.hexDigest(of: header).utf8.prefix(32)) }

  /// The splits in the file at `url`; `nil` when it is absent or anything about it is wrong.
  static func open(_ url: URL, key: String) -> DatasetSplits? {
    guard let file = try? MappedFile(url), let (header, bodyStart) = readHeader(of: file), header.key == key,
      header.splits.map(\.name) == AtlasManifest.splitNames,
      let train = images(header.splits[0], header: header, in: file, bodyStart: bodyStart),
      let test = images(header.splits[1], header: header, in: file, bodyStart: bodyStart)
    else { return nil }
    return DatasetSplits(name: header.info.name, train: train, test: test)
  }

  /// The header and the place of the body, if everything in front of the images and the checksum of the body are right.
  private static func readHeader(of file: MappedFile) -> (header: Header, bodyStart: Int)? {
    file.withUnsafeBytes { bytes in
      guard bytes.count > preambleBytes, bytes.prefix(8).elementsEqual(magic) else { return nil }
      func number<T: FixedWidthInteger>(at offset: Int, as type: T.Type) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
      }
      let headerEnd = preambleBytes + Int(number(at: 12, as: UInt32.self))
      guard number(at: 8, as: UInt32.self) == version, number(at: 16, as: UInt64.self) == UInt64(bytes.count),
        aligned(headerEnd) < bytes.count
      else { return nil }
      let data = Data(bytes[preambleBytes..<headerEnd])
      guard bytes[32..<preambleBytes].elementsEqual(seal(of: data)),
        let header = try? JSON.decode(Header.self, from: data)
      else { return nil }
      let body = UnsafeRawBufferPointer(rebasing: bytes[aligned(headerEnd)...])
      guard PixelChecksum.compute(body) == number(at: 24, as: UInt64.self) else { return nil }
      return (header, aligned(headerEnd))
    }
  }

  private static func images(
    _ split: Header.Split, header: Header, in file: MappedFile, bodyStart: Int
  ) -> LabeledImages? {
    let info = header.info
    let body = file.count - bodyStart
    guard info.width > 0, info.height > 0, info.channels == 1 || info.channels == 3, split.count > 0,
      split.labelOffset >= 0, split.count <= body, split.labelOffset <= body - split.count * 2,
      split.count <= body / info.bytesPerImage, split.pixelOffset >= 0, split.pixelOffset < body,
      let storage = PixelStorage(
        file, offset: bodyStart + split.pixelOffset, count: split.count * info.bytesPerImage)
    else { return nil }
    let start = bodyStart + split.labelOffset
    let labels = file.withUnsafeBytes { bytes in
      (0..<split.count).map { index in
        Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + index * 2, as: UInt16.self)))
      }
    }
    guard (try? Labels.check(labels, classes: info.classes.count, file: "")) != nil else { return nil }
    return LabeledImages(info, split: split.name, labels: labels, storage: storage, sha256: split.sha256)
  }
}
