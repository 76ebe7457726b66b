import FileKit
import Foundation
import JSONC

/// The file format of a saved ``KVCache``.
///
/// ```
/// 0    8 bytes   "HWKVCACH"
/// 8    UInt32    version, 1 (little endian, like all numbers)
/// 12   UInt32    bytes of the header
/// 16   64 bytes  SHA-256 of the header, in hexadecimal digits
/// 80   …         the header, JSON
///      …         zeros up to a multiple of 64
///      …         pages of 64 slots, each as it lies in memory, with its SHA-256 in the header
/// ```
enum KVCacheFile {
  static let magic = Data("HWKVCACH".utf8)
  static let version: UInt32 = 1
  static let prologue = 80

  struct Header: Codable {
    let model: ModelIdentity
    let precision: CachePrecision
    let keyStorage: KeyStorage
    let tokens: [Int32]
    let positions: [Int32]
    let segments: [CacheSegment]
    let nextPosition: Int
    let slotsPerPage: Int
    let pageBytes: Int
    let checksums: [String]

    /// What makes the header impossible.
    var flaw: (field: String, problem: String)? {
      let sizes = [
        ("model.layers", model.layers, 4096), ("model.kvHeads", model.kvHeads, 1 << 16),
        ("model.headSize", model.headSize, 1 << 16),
      ]
      for (field, value, limit) in sizes where value < 1 || value > limit {
        return (field, "must be 1 to \(limit), got \(value)")
      }
      if !model.headSize.isMultiple(of: 8) { return ("model.headSize", "must be a multiple of 8") }
      if model.rotary.frequencies.count != model.headSize / 2 {
        return ("model.rotary.frequencies", "must be \(model.headSize / 2) numbers")
      }
      if slotsPerPage != PageLayout.slots { return ("slotsPerPage", "must be 64, got \(slotsPerPage)") }
      if positions.count != tokens.count {
        return ("positions", "\(positions.count) positions for \(tokens.count) tokens")
      }
      if let wrong = positions.first(where: { $0 < 0 }) { return ("positions", "contain \(wrong)") }
      if nextPosition < 0 { return ("nextPosition", "is \(nextPosition)") }
      if checksums.count != PageLayout.pages(for: tokens.count) {
        return ("checksums", "\(checksums.count) pages for \(tokens.count) slots")
      }
      if pageBytes != layout.pageBytes { return ("pageBytes", "must be \(layout.pageBytes), got \(pageBytes)") }
      var next = 0
      for segment in segments {
        if segment.range.lowerBound != next || segment.range.isEmpty {
          return ("segments", "must cover the slots in order")
        }
        next = segment.range.upperBound
      }
      if next != tokens.count { return ("segments", "cover \(next) of \(tokens.count) slots") }
      return nil
    }

    var layout: PageLayout {
      PageLayout(layers: model.layers, kvHeads: model.kvHeads, headSize: model.headSize, precision: precision)
    }
  }
}

extension KVCache {
  /// Saves the cache: header with model, tokens and checksums, then the pages. Replaces the file atomically.
  ///
  /// - Throws: `FileError` if the file cannot be written.
  public func write(to url: URL) throws {
    let bytes = layout.pageBytes
    let header = KVCacheFile.Header(
      model: model, precision: precision, keyStorage: keyStorage, tokens: tokens, positions: positions,
      segments: segments, nextPosition: nextPosition, slotsPerPage: PageLayout.slots, pageBytes: bytes,
      checksums: pages.map { KVCache.checksum(UnsafeRawBufferPointer(start: $0.base, count: bytes)) })
    let json = try JSON.encode(header)
    try AtomicFile.write(to: url) { writer in
      try writer.write(KVCacheFile.magic)
      try writer.write(KVCache.littleEndian(KVCacheFile.version))
      try writer.write(KVCache.littleEndian(UInt32(json.count)))
      try writer.write(Data(SHA256.hexDigest(of: json).utf8))
      try writer.write(json)
      try writer.write(Data(count: KVCache.padding(after: KVCacheFile.prologue + json.count)))
      for page in pages { try writer.write(UnsafeRawBufferPointer(start: page.base, count: bytes)) }
    }
  }

  /// Opens a saved cache. The pages stay in the mapped file until they are written to.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - verify: whether to compare the checksums of all pages, which reads the file once.
  /// - Throws: `FileError` if the file cannot be read, ``LanguageModelError`` if it is damaged.
  public init(contentsOf url: URL, verify: Bool = true) throws {
    let file = try MappedFile(url)
    func damaged(_ field: String, _ problem: String) -> LanguageModelError {
      LanguageModelError(
        .damagedFile, "\(url.path): \(field): \(problem)", remedy: "build the cache again from its text")
    }
    guard file.count >= KVCacheFile.prologue, file.data(in: 0..<8) == KVCacheFile.magic else {
      throw damaged("magic", "this is no KV cache file")
    }
    let version = KVCache.uint32(file, 8)
    guard version == KVCacheFile.version else {
      throw damaged("version", "expected \(KVCacheFile.version), found \(version)")
    }
    let headerBytes = Int(KVCache.uint32(file, 12))
    guard headerBytes <= file.count - KVCacheFile.prologue else {
      throw damaged("header length", "\(headerBytes) bytes in a file of \(file.count)")
    }
    let json = file.data(in: KVCacheFile.prologue..<KVCacheFile.prologue + headerBytes)
    guard Data(SHA256.hexDigest(of: json).utf8) == file.data(in: 16..<80) else {
      throw damaged("header", "the checksum does not match")
    }
    let header: KVCacheFile.Header
    do { header = try JSON.decode(KVCacheFile.Header.self, from: json) } catch { throw damaged("header", "\(error)") }
    if let flaw = header.flaw { throw damaged(flaw.field, flaw.problem) }
    let end = KVCacheFile.prologue + headerBytes
    let start = end + KVCache.padding(after: end)
    guard file.count == start + header.checksums.count * header.pageBytes else {
      throw damaged(
        "length", "expected \(start + header.checksums.count * header.pageBytes) bytes, found \(file.count)")
    }
    self.init(model: header.model, precision: header.precision, keyStorage: header.keyStorage)
    tokens = header.tokens
    positions = header.positions
    segments = header.segments
    nextPosition = header.nextPosition
    pages = header.checksums.indices.map { KVPage(mapping: file, offset: start + $0 * header.pageBytes) }
    guard verify else { return }
    for (index, page) in pages.enumerated() {
      let found = KVCache.checksum(UnsafeRawBufferPointer(start: page.base, count: header.pageBytes))
      guard found == header.checksums[index] else {
        throw damaged("page \(index)", "the checksum does not match")
      }
    }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexDigest()
  }

  private static func padding(after count: Int) -> Int { (64 - count % 64) % 64 }

  private static func littleEndian(_ value: UInt32) -> Data {
    Data([UInt8(value & 255), UInt8(value >> 8 & 255), UInt8(value >> 16 & 255), UInt8(value >> 24)])
  }

  private static func uint32(_ file: MappedFile, _ offset: Int) -> UInt32 {
    file.data(in: offset..<offset + 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
