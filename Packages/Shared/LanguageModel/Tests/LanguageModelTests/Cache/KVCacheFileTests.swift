import Foundation
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
}
