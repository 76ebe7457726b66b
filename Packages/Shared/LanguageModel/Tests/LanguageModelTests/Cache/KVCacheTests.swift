import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("KV cache")
struct KVCacheTests {
  private func filled(_ model: LlamaModel, _ tokens: [Int32], position: Int = 0) throws -> KVCache {
    var cache = model.makeCache()
    _ = try model.forward([InputSegment(tokens: tokens, position: position)], cache: &cache, logits: .none)
    return cache
  }

  @Test("truncating and appending again gives the same bits", arguments: [KeyStorage.rotated, .unrotated])
  func truncation(storage: KeyStorage) throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(150)
    var reference = model.makeCache(keyStorage: storage)
    let expected = try model.forward(tokens, cache: &reference, logits: .all)
    for count in [0, 1, 63, 64, 65, 149] {
      var cache = reference
      cache.truncate(to: count)
      #expect(cache.count == count && cache.nextPosition == count)
      let rest = try model.forward(Array(tokens[count...]), cache: &cache, logits: .all)
      #expect(rest == expected.slice(count..<150), "after truncating to \(count)")
    }
    #expect(reference.count == 150)
  }

  @Test("snapshots are independent")
  func snapshots() throws {
    let model = try TinyLlama.make()
    var cache = try filled(model, TinyLlama.tokens(70))
    let snapshot = cache
    let keys = snapshot.keys(layer: 1)
    _ = try model.forward(TinyLlama.tokens(10, seed: 2), cache: &cache)
    cache.replace(
      layer: 1, slots: [3], keys: Tensor(zeros: [1, 2, 16]), values: Tensor(zeros: [1, 2, 16]))
    #expect(snapshot.count == 70)
    #expect(snapshot.keys(layer: 1) == keys)
    #expect(cache.keys(layer: 1, slots: [3]).norm() == 0)
  }

  @Test("relocation equals computing the keys at the new position", arguments: [RopePairing.interleaved, .halfSplit])
  func relocation(pairing: RopePairing) throws {
    let model = try TinyLlama.make(TinyLlama.config(pairing: pairing))
    let tokens = TinyLlama.tokens(77)
    let start = try filled(model, tokens)
    for offset in [1, 5, 64, 700] {
      let moved = try start.relocated(by: offset)
      let expected = try filled(model, tokens, position: offset)
      #expect(moved.positions == expected.positions && moved.nextPosition == 77 + offset)
      for layer in 0..<3 {
        #expect(largestDifference(moved.keys(layer: layer), expected.keys(layer: layer)) < 1e-4)
        #expect(moved.values(layer: layer) == start.values(layer: layer))
      }
      let back = try moved.relocated(by: -offset)
      #expect(largestDifference(back.keys(layer: 2), start.keys(layer: 2)) < 1e-4)
    }
    for offset in [-1, Int.min, Int(Int32.max), Int.max] {
      #expect(throws: LanguageModelError.self) { try start.relocated(by: offset) }
    }
  }

  @Test("unrotated keys move without change")
  func unrotated() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(70)
    var cache = model.makeCache(keyStorage: .unrotated)
    let a = try model.forward(tokens, cache: &cache, logits: .all)
    var rotated = model.makeCache()
    let b = try model.forward(tokens, cache: &rotated, logits: .all)
    #expect(a == b)
    let moved = try cache.relocated(by: 9)
    #expect(moved.keys(layer: 0) == cache.keys(layer: 0))
    #expect(largestDifference(moved.keys(layer: 0, as: .rotated), try rotated.relocated(by: 9).keys(layer: 0)) < 1e-4)
    let converted = cache.converted(keyStorage: .rotated)
    #expect(largestDifference(converted.keys(layer: 2), rotated.keys(layer: 2)) < 1e-6)
  }

  @Test("slices and joins keep every element")
  func slicing() throws {
    let model = try TinyLlama.make()
    let cache = try filled(model, TinyLlama.tokens(200))
    for range in [0..<200, 0..<64, 64..<200, 5..<70, 63..<65, 199..<200, 10..<10] {
      let slice = cache.slice(range)
      #expect(slice.tokens == Array(cache.tokens[range]) && slice.positions == Array(cache.positions[range]))
      #expect(slice.keys(layer: 1) == cache.keys(layer: 1, slots: Array(range)))
      #expect(slice.values(layer: 2) == cache.values(layer: 2, slots: Array(range)))
    }
    let joined = try cache.slice(0..<37).concatenated(with: cache.slice(37..<101)).concatenated(
      with: cache.slice(101..<200))
    #expect(joined.tokens == cache.tokens && joined.positions == cache.positions)
    #expect(joined.keys(layer: 0) == cache.keys(layer: 0) && joined.values(layer: 2) == cache.values(layer: 2))
    let slots = [3, 4, 5, 90, 66, 67, 199]
    let gathered = cache.gathering(slots: slots)
    #expect(gathered.keys(layer: 1) == cache.keys(layer: 1, slots: slots))
    #expect(gathered.positions == slots.map(Int32.init))
  }

  @Test(
    "documents cached by themselves, moved and joined equal one pass with independent segments",
    arguments: [KeyStorage.rotated, .unrotated], [1, 2, 5])
  func independentSegments(storage: KeyStorage, documents: Int) throws {
    let config = TinyLlama.config()
    let model = try TinyLlama.make(config)
    var random = Philox(seed: 5, stream: "soft")
    let header = Tensor.normal([3, 96], standardDeviation: 0.3, using: &random)
    let preamble = TinyLlama.tokens(11, seed: 9)
    let texts = (0..<documents).map { TinyLlama.tokens(23 + 30 * $0, seed: UInt64(20 + $0)) }
    let question = TinyLlama.tokens(17, seed: 8)

    var segments = [InputSegment(tokens: preamble)]
    segments += texts.map { InputSegment(.embeddings(header), .tokens($0), scope: .ownSegment) }
    segments.append(InputSegment(tokens: question))
    let total = segments.reduce(0) { $0 + $1.count }
    let rows = Array(total - 17..<total)
    var whole = model.makeCache(keyStorage: storage)
    let expected = try model.forward(segments, cache: &whole, logits: .rows(rows))

    var linked = model.makeCache(keyStorage: storage)
    _ = try model.forward(preamble, cache: &linked, logits: .none)
    for text in texts {
      var packet = model.makeCache(keyStorage: storage)
      _ = try model.forward([InputSegment(.embeddings(header), .tokens(text))], cache: &packet, logits: .none)
      try linked.append(packet, relocatedBy: linked.nextPosition)
    }
    let found = try model.forward(question, cache: &linked, logits: .all)
    #expect(largestDifference(found, expected) < 1e-4)
    #expect(linked.tokens == whole.tokens && linked.positions == whole.positions)
    #expect(linked.segments == whole.segments)
    #expect(linked.longestCommonPrefix(with: linked.tokens) == 11)

    let reference = try ReferenceLlama(config) {
      try TinyLlama.matrix($0, config, $0 == .tokenEmbedding ? .q8_0 : .q4_1)
    }
    var embeddings: [[Double]] = []
    var owner: [Int] = []
    for (index, segment) in segments.enumerated() {
      for part in segment.parts {
        let tensor: Tensor
        switch part {
        case .tokens(let tokens): tensor = try model.embed(tokens)
        case .embeddings(let rows): tensor = rows
        }
        let scalars = tensor.scalars
        for row in 0..<part.count {
          embeddings.append(scalars[row * 96..<row * 96 + 96].map(Double.init))
          owner.append(index)
        }
      }
    }
    let last = segments.count - 1
    let plain = reference.logits(embeddings: embeddings) { i, j in owner[i] == owner[j] || owner[i] == last }
    #expect(largestDifference(expected, ReferenceLlama.tensor(plain).gatheredRows(rows)) < 2e-4)
  }

  @Test("half precision costs little")
  func precision() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(130)
    var full = model.makeCache()
    let expected = try model.forward(tokens, cache: &full)
    for (precision, tolerance) in [(CachePrecision.float16, Float(0.02)), (.bfloat16, 0.15)] {
      var cache = model.makeCache(precision: precision)
      let logits = try model.forward(tokens, cache: &cache)
      #expect(largestDifference(logits, expected) < tolerance)
      #expect(cache.bytesPerSlot * 2 == full.bytesPerSlot)
      #expect(
        largestDifference(try cache.relocated(by: 40).relocated(by: -40).keys(layer: 1), cache.keys(layer: 1))
          < tolerance)
    }
  }

  @Test("caches that do not belong together are refused")
  func foreign() throws {
    let model = try TinyLlama.make()
    let cache = try filled(model, [1, 2, 3])
    let others = [
      try filled(try TinyLlama.make(type: .q8_0), [1]), model.makeCache(precision: .float16),
      model.makeCache(keyStorage: .unrotated),
    ]
    for other in others {
      #expect(throws: LanguageModelError.self) { try cache.concatenated(with: other) }
    }
  }

  @Test("the common prefix counts what may be reused, nothing else")
  func prefix() throws {
    let model = try TinyLlama.make()
    let cache = try filled(model, [4, 5, 6, 7])
    #expect(cache.longestCommonPrefix(with: [4, 5, 6, 7, 8]) == 4)
    #expect(cache.longestCommonPrefix(with: [4, 5, 9]) == 2)
    #expect(cache.longestCommonPrefix(with: []) == 0)
    #expect(try cache.relocated(by: 1).longestCommonPrefix(with: [4, 5]) == 0)
    #expect(cache.slice(1..<4).longestCommonPrefix(with: [5, 6, 7]) == 0)
    // Moved to the start, a cut from the middle looks like a prefix, but its keys have seen more.
    #expect(try cache.slice(1..<4).relocated(by: -1).longestCommonPrefix(with: [5, 6, 7]) == 0)
    #expect(cache.gathering(slots: [0, 1]).longestCommonPrefix(with: [4, 5]) == 0)
    var overwritten = cache
    overwritten.replace(layer: 0, slots: [2], keys: Tensor(zeros: [1, 2, 16]), values: Tensor(zeros: [1, 2, 16]))
    #expect(overwritten.longestCommonPrefix(with: [4, 5, 6, 7]) == 0)
    _ = try model.forward([8], cache: &overwritten)
    #expect(overwritten.segments.allSatisfy { !$0.isIntact })
    let document = try model.makeCache().concatenated(with: filled(model, [4, 5, 6], position: 9))
    #expect(try document.relocated(by: -9).longestCommonPrefix(with: [4, 5, 6]) == 3)
    var soft = model.makeCache()
    _ = try model.forward(embeddings: model.embed([4]), cache: &soft, logits: .none)
    #expect(soft.longestCommonPrefix(with: [4]) == 0)
  }

  @Test("recomputing all slots layer by layer gives the ordinary cache")
  func recomputation() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(100)
    let full = try filled(model, tokens)
    var stale = try filled(model, TinyLlama.tokens(40, seed: 3))
    try stale.append(try filled(model, TinyLlama.tokens(60, seed: 4)), relocatedBy: 40)
    var hidden = try model.embed(tokens)
    for layer in 0..<3 {
      hidden = try model.recompute(layer: layer, hidden: hidden, slots: Array(0..<100), cache: &stale)
    }
    for layer in 0..<3 {
      #expect(stale.keys(layer: layer) == full.keys(layer: layer))
      #expect(stale.values(layer: layer) == full.values(layer: layer))
    }
    var cache = model.makeCache()
    let expected = try model.forward(tokens, cache: &cache, logits: .all)
    #expect(model.logits(hidden) == expected)
    #expect(try model.queries(layer: 0, hidden: hidden, positions: [Int32](0..<100)).shape == [100, 6, 16])
  }
}
