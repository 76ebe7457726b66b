import FileKit
import Foundation
import JSONC
import LanguageModel

extension GramStore {
  private static let magic = Data("hardwise grams 2\n".utf8)

  /// The first line of a file of Grams.
  private struct Header: Codable {
    var identity: String
    var tokens: Int
    var keys: [GramKey]
    var widths: [Int]
  }

  /// Writes the Grams, under a temporary name first.
  ///
  /// - Parameter identity: Names model, text and window, so that nothing else goes on with the file.
  public func write(to url: URL, identity: String) throws {
    let keys = GramKey.all(layers: (keys.map(\.layer).max() ?? -1) + 1).filter { triangles[$0] != nil }
    let header = Header(identity: identity, tokens: tokens, keys: keys, widths: keys.map { widths[$0] ?? 0 })
    let text = try JSON.encode(header)
    try AtomicFile.write(to: url) { file in
      try file.write(Self.magic)
      try file.write(Data(String(format: "%012d\n", text.count).utf8))
      try file.write(text)
      for key in keys {
        try triangles[key]?.withUnsafeBytes { try file.write($0) }
        try magnitudes[key]?.withUnsafeBytes { try file.write($0) }
      }
    }
  }

  /// Reads Grams.
  ///
  /// - Throws: ``BasisSharingError/invalidState(path:problem:)`` for a file that is damaged or of another model or text.
  public init(contentsOf url: URL, identity: String) throws {
    func failure(_ problem: String) -> BasisSharingError { .invalidState(path: url.path, problem: problem) }
    let file = try MappedFile(url)
    self.init()
    try file.withUnsafeBytes { bytes in
      let start = Self.magic.count + 13
      guard bytes.count >= start, bytes.prefix(Self.magic.count).elementsEqual(Self.magic) else {
        throw failure("this is no file of Grams")
      }
      let digits = String(decoding: bytes[Self.magic.count..<start - 1], as: UTF8.self)
      guard let length = Int(digits), length >= 0, length <= bytes.count - start else {
        throw failure("the header is damaged")
      }
      let header = try JSON.decode(Header.self, from: Data(bytes[start..<start + length]))
      guard header.identity == identity else { throw failure("the Grams belong to another model or text") }
      guard header.keys.count == header.widths.count, header.widths.allSatisfy({ (1...65_536).contains($0) }) else {
        throw failure("the header is damaged")
      }
      var offset = start + length
      for (key, width) in zip(header.keys, header.widths) {
        let count = GramKernel.count(width)
        guard (count + width) * 8 <= bytes.count - offset else { throw failure("the file ends early") }
        triangles[key] = Self.doubles(bytes, at: &offset, count: count)
        magnitudes[key] = Self.doubles(bytes, at: &offset, count: width)
        widths[key] = width
        guard triangles[key]?.allSatisfy(\.isFinite) == true, magnitudes[key]?.allSatisfy(\.isFinite) == true else {
          throw failure("a Gram has values that are not finite")
        }
      }
      guard offset == bytes.count else { throw failure("bytes follow the last Gram") }
      tokens = header.tokens
    }
  }

  /// Copies numbers out of the mapped file, wherever they lie.
  private static func doubles(_ bytes: UnsafeRawBufferPointer, at offset: inout Int, count: Int) -> [Double] {
    let source = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count * 8])
    offset += count * 8
    return [Double](unsafeUninitializedCapacity: count) { target, initialized in
      UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
      initialized = count
    }
  }
}
