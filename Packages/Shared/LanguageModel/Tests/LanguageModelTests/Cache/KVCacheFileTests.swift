import FileKit
import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("KV cache files")
struct KVCacheFileTests {
  private let folder: TemporaryFolder
  private let model: LlamaModel
  private let cache: KVCache

  init() throws {
    folder = try TemporaryFolder()
    model = try TinyLlama.make()
    var cache = model.makeCache(precision: .float16)
    _ = try model.forward(
      [InputSegment(tokens: TinyLlama.tokens(40)), InputSegment(tokens: TinyLlama.tokens(50), scope: .ownSegment)],
      cache: &cache, logits: .none)
    self.cache = cache
  }

  @Test("a cache survives the way through a file and can be continued")
  func roundTrip() throws {
    let url = folder.file("a.kvcache")
    try cache.write(to: url)
    var loaded = try KVCache(contentsOf: url)
    #expect(loaded.tokens == cache.tokens && loaded.positions == cache.positions)
    #expect(loaded.segments == cache.segments && loaded.nextPosition == cache.nextPosition)
    #expect(loaded.model == cache.model && loaded.precision == .float16)
    for layer in 0..<3 {
      #expect(loaded.keys(layer: layer) == cache.keys(layer: layer))
      #expect(loaded.values(layer: layer) == cache.values(layer: layer))
    }
    var original = cache
    let expected = try model.forward([1, 2, 3], cache: &original)
    #expect(try model.forward([1, 2, 3], cache: &loaded) == expected)
    let empty = folder.file("empty.kvcache")
    try model.makeCache().write(to: empty)
    #expect(try KVCache(contentsOf: empty).isEmpty)
  }

  @Test("every damaged byte of the header and every truncation is found")
  func damage() throws {
    let url = folder.file("b.kvcache")
    try cache.write(to: url)
    let bytes = try Data(contentsOf: url)
    let broken = folder.file("broken.kvcache")
    let headerBytes = Int(bytes[12]) | Int(bytes[13]) << 8
    for index in Array(0..<80) + Array(stride(from: 80, to: 80 + headerBytes, by: 7)) {
      var copy = bytes
      copy[index] ^= 0x15
      try copy.write(to: broken)
      #expect(throws: LanguageModelError.self, "byte \(index)") { try KVCache(contentsOf: broken) }
    }
    for count in [0, 1, 8, 12, 79, 80, 81, 80 + headerBytes, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(count).write(to: broken)
      #expect(throws: (any Error).self, "\(count) bytes") { try KVCache(contentsOf: broken) }
    }
    var page = bytes
    page[bytes.count - 5000] ^= 1
    try page.write(to: broken)
    #expect(throws: LanguageModelError.self) { try KVCache(contentsOf: broken) }
    _ = try KVCache(contentsOf: broken, verify: false)
  }

  @Test(
    "a header that contradicts itself is refused by field, even under the right checksum",
    arguments: [
      ("model.layers", -1), ("model.layers", 5000), ("model.layers", 2), ("model.kvHeads", 0), ("model.headSize", 12),
      ("model.headSize", 0), ("slotsPerPage", 32), ("pageBytes", 64), ("nextPosition", -1), ("tokens", []),
      ("positions", [1, 2]), ("positions", "all negative"), ("checksums", []), ("segments", []), ("precision", "int3"),
      ("segments", [["range": [0, 40], "scope": "everything", "isIntact": true]]),
      ("segments", [["range": [40, 0], "scope": "everything", "isIntact": true]]),
      ("positions", .array([JSONValue](repeating: 1e12, count: 90))),
    ] as [(String, JSONValue)])
  func contradictions(field: String, value: JSONValue) throws {
    let url = folder.file("c.kvcache")
    try cache.write(to: url)
    let bytes = try Data(contentsOf: url)
    let headerBytes = Int(bytes[12]) | Int(bytes[13]) << 8
    var header = try #require(try JSON.parse(bytes[80..<80 + headerBytes]).objectValue)
    let value: JSONValue = value == "all negative" ? .array([JSONValue](repeating: -1, count: 90)) : value
    let path = field.split(separator: ".").map(String.init)
    if path.count == 1 {
      header[field] = value
    } else {
      var model = try #require(header[path[0]]?.objectValue)
      model[path[1]] = value
      header[path[0]] = .object(model)
    }
    let json = Data(JSON.serialize(.object(header)).utf8)
    var copy = bytes[..<12] + Data([UInt8(json.count & 255), UInt8(json.count >> 8), 0, 0])
    copy += Data(SHA256.hexDigest(of: json).utf8) + json
    copy += Data(count: (64 - copy.count % 64) % 64)
    copy += bytes[(80 + headerBytes + 63) / 64 * 64..<bytes.count]
    try copy.write(to: url)
    do {
      _ = try KVCache(contentsOf: url)
      Issue.record("the file was read")
    } catch let error as LanguageModelError {
      #expect(error.kind == .damagedFile && error.description.contains(url.path))
      if field != "model.layers" && field != "tokens" { #expect(error.description.contains(path.last ?? "")) }
    }
  }
}
