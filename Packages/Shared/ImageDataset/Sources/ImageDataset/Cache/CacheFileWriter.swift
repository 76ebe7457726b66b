import FileKit
import Foundation
import JSONC

/// Writes the file format of ``CacheFile``.
enum CacheFileWriter {
  static func write(_ splits: DatasetSplits, key: String, to url: URL) throws {
    let parts = [splits.train, splits.test]
    var header = CacheFile.Header(key: key, info: splits.train.info, splits: [])
    var offset = 0
    for part in parts {
      let pixelOffset = CacheFile.aligned(offset + part.count * 2)
      header.splits.append(
        .init(name: part.split, count: part.count, labelOffset: offset, pixelOffset: pixelOffset, sha256: part.sha256))
      offset = CacheFile.aligned(pixelOffset + part.count * part.bytesPerImage)
    }
    let body = body(of: parts, header: header, count: offset)
    let checksum = PixelChecksum.compute(UnsafeRawBufferPointer(body.bytes))

    let headerData = try JSON.encode(header)
    let bodyStart = CacheFile.aligned(CacheFile.preambleBytes + headerData.count)
    var preamble = Data(CacheFile.magic)
    append(CacheFile.version, to: &preamble)
    append(UInt32(headerData.count), to: &preamble)
    append(UInt64(bodyStart + offset), to: &preamble)
    append(checksum, to: &preamble)
    preamble.append(contentsOf: CacheFile.seal(of: headerData))

    try AtomicFile.write(to: url) { writer in
      try writer.write(preamble)
      try writer.write(headerData)
      try writer.write(Data(count: bodyStart - CacheFile.preambleBytes - headerData.count))
      try writer.write(UnsafeRawBufferPointer(body.bytes))
    }
  }

  private static func body(of parts: [LabeledImages], header: CacheFile.Header, count: Int) -> PixelStorage {
    PixelStorage(count: count) { bytes in
      bytes.initialize(repeating: 0)
      for (part, split) in zip(parts, header.splits) {
        var labels = Data(capacity: part.count * 2)
        for label in part.labels { append(UInt16(truncatingIfNeeded: label), to: &labels) }
        _ = bytes[split.labelOffset..<split.labelOffset + labels.count].update(fromContentsOf: labels)
        part.withPixels { pixels in
          _ = bytes[split.pixelOffset..<split.pixelOffset + pixels.count].update(fromContentsOf: pixels)
        }
      }
    }
  }

  private static func append(_ value: some FixedWidthInteger, to data: inout Data) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }
}
