import LanguageModel
import Testing
import TinyTensor

@Suite("Forward pass")
struct ForwardTests {
  @Test("exact logits equal a plain double precision transformer", arguments: [RopePairing.interleaved, .halfSplit])
  func reference(pairing: RopePairing) throws {
    for (bias, tied, type) in [(false, true, TensorType.q4_1), (true, false, .f32), (false, false, .q6_K)] {
      var config = TinyLlama.config(layers: 2, pairing: pairing, qkvBias: bias, tied: tied)
      if type == .q6_K { config = wide(config) }
      func matrix(_ tensor: LlamaTensor) throws -> QuantizedMatrix {
        var random = Philox(seed: 3, stream: tensor.name)
        let shape = tensor.shape(in: config)
        if type == .q6_K && shape.rows > 1 {
          return RandomBlocks.small(.q6_K, rows: shape.rows, columns: shape.columns, using: &random)
        }
        return try TinyLlama.matrix(tensor, config, type)
      }
      let model = try LlamaModel(config: config, fingerprint: "r", options: .exact) { try matrix($0) }
      let tokens = TinyLlama.tokens(70)
      var cache = model.makeCache()
      let logits = try model.forward(tokens, cache: &cache, logits: .all)
      let expected = ReferenceLlama.tensor(try ReferenceLlama(config, matrix).logits(tokens))
      #expect(largestDifference(logits, expected) < 2e-4)
    }
  }

  private func wide(_ config: LlamaConfig) -> LlamaConfig {
    var config = config
    config.width = 256
    config.heads = 16
    config.feedForward = 256
    config.layers = 1
    return config
  }

  @Test("any chunking gives the same bits", arguments: [Numerics.exact, .fast])
  func chunking(numerics: Numerics) throws {
    let model = try TinyLlama.make(options: ModelOptions(numerics: numerics))
    let tokens = TinyLlama.tokens(333)
    var whole = model.makeCache()
    let expected = try model.forward(tokens, cache: &whole, logits: .all)
    for sizes in [[333], [1, 332], [64, 64, 205], [7, 1, 1, 55, 100, 169], Array(repeating: 3, count: 111)] {
      var cache = model.makeCache()
      var start = 0
      var rows: [Tensor] = []
      for size in sizes {
        rows.append(try model.forward(Array(tokens[start..<start + size]), cache: &cache, logits: .all))
        start += size
      }
      #expect(Tensor.concatenatedFirst(rows) == expected, "chunks \(sizes)")
    }
    var options = model.options
    options.chunk = 50
    var cache = model.makeCache()
    #expect(try model.with(options: options).forward(tokens, cache: &cache, logits: .all) == expected)
  }

  @Test("one and two threads give the same bits", arguments: [Numerics.exact, .fast])
  func threads(numerics: Numerics) throws {
    let model = try TinyLlama.make(options: ModelOptions(numerics: numerics))
    let tokens = TinyLlama.tokens(290)
    func run() throws -> [Tensor] {
      var cache = model.makeCache()
      let prefill = try model.forward(tokens, cache: &cache, logits: .all)
      return [prefill, try model.forward([5], cache: &cache)]
    }
    let one = try Threads.withCount(1) { try run() }
    let two = try Threads.withCount(2) { try run() }
    #expect(one == two)
  }

  @Test("fast logits stay near exact ones", arguments: [TensorType.q4_0, .q4_1, .q5_0, .q5_1, .q8_0])
  func fast(type: TensorType) throws {
    let exact = try TinyLlama.make(type: type)
    let fast = exact.with(numerics: .fast)
    var a = exact.makeCache()
    var b = fast.makeCache()
    let tokens = TinyLlama.tokens(100)
    let expected = try exact.forward(tokens, cache: &a, logits: .all)
    let found = try fast.forward(tokens, cache: &b, logits: .all)
    // About 0.5 % per rounded input; three layers of random weights, which amplify, make 4 to 5 % of it.
    #expect((found - expected).norm() < 0.06 * expected.norm())
    #expect(found != expected)
  }

  @Test("logits come in the order of the request")
  func request() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(20)
    var cache = model.makeCache()
    let all = try model.forward(tokens, cache: &cache, logits: .all)
    cache.truncate(to: 0)
    let some = try model.forward(tokens, cache: &cache, logits: .rows([7, 3, 7]))
    #expect(some == all.gatheredRows([7, 3, 7]))
    cache.truncate(to: 0)
    #expect(try model.forward(tokens, cache: &cache, logits: .none).shape == [0, 203])
    #expect(try model.forward([Int32](), cache: &cache, logits: .last).shape == [0, 203])
  }

  @Test("embeddings of tokens are the tokens")
  func embeddings() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(20)
    var a = model.makeCache()
    var b = model.makeCache()
    let expected = try model.forward(tokens, cache: &a)
    #expect(try model.forward(embeddings: model.embed(tokens), cache: &b) == expected)
    #expect(b.tokens == [Int32](repeating: KVCache.softToken, count: 20))
  }

  @Test("batched sequences equal sequences one by one")
  func batch() throws {
    let model = try TinyLlama.make()
    var prefix = model.makeCache()
    _ = try model.forward(TinyLlama.tokens(70), cache: &prefix, logits: .none)
    let branches = [TinyLlama.tokens(1, seed: 2), TinyLlama.tokens(9, seed: 3), TinyLlama.tokens(4, seed: 4)]
    var caches = [prefix, prefix, model.makeCache()]
    let together = try model.forward(batch: branches, caches: &caches)
    for (index, start) in [prefix, prefix, model.makeCache()].enumerated() {
      var cache = start
      #expect(try model.forward(branches[index], cache: &cache) == together[index])
      #expect(caches[index].count == cache.count)
      #expect(caches[index].keys(layer: 2) == cache.keys(layer: 2))
    }
    #expect(prefix.count == 70)
  }

  @Test("hooks see and change inputs, residual stream and attention")
  func hooks() throws {
    let model = try TinyLlama.make()
    let tokens = TinyLlama.tokens(12)
    var sites: [String] = []
    var sums: [Float] = []
    let hooks = ForwardHooks(
      input: { layer, site, x in sites.append("\(layer) \(site.rawValue) \(x.shape)") },
      attention: { _, weights in sums += rowSums(weights.reshaped([-1, weights.shape[2]])).scalars })
    var cache = model.makeCache()
    let logits = try model.forward(tokens, cache: &cache, logits: .all, hooks: hooks)
    #expect(
      sites.prefix(4) == [
        "0 attention [12, 96]", "0 attentionOutput [12, 96]", "0 feedForward [12, 96]", "0 down [12, 160]",
      ])
    #expect(sites.count == 12)
    #expect(sums.count == 3 * 6 * 12)
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
    var plain = model.makeCache()
    #expect(try model.forward(tokens, cache: &plain, logits: .all) == logits)
    var edited = model.makeCache()
    let zero = ForwardHooks(input: { layer, site, x in if layer == 1 && site != .feedForward { x.scale(by: 0) } })
    var skipped = model.makeCache()
    let fewer = try model.skipping(layers: [1])
    skipped = fewer.makeCache()
    let a = try model.forward(tokens, cache: &edited, logits: .all, hooks: zero)
    let b = try fewer.forward(tokens, cache: &skipped, logits: .all)
    #expect(largestDifference(a, b) < 1e-5)
  }

  @Test("bad input is refused with a reason and changes nothing")
  func refusals() throws {
    let model = try TinyLlama.make()
    var cache = model.makeCache()
    _ = try model.forward([1, 2], cache: &cache)
    func kind(_ body: (inout KVCache) throws -> Void) -> LanguageModelError.Kind? {
      do { try body(&cache) } catch let error as LanguageModelError { return error.kind } catch {}
      return nil
    }
    #expect(kind { _ = try model.forward([1, 203], cache: &$0) } == .invalidToken)
    #expect(kind { _ = try model.forward([-1], cache: &$0) } == .invalidToken)
    #expect(kind { _ = try model.forward(TinyLlama.tokens(1023), cache: &$0) } == .contextOverflow)
    #expect(kind { _ = try model.forward([1], cache: &$0, logits: .rows([1])) } == .invalidArgument)
    #expect(kind { _ = try model.forward(embeddings: Tensor(zeros: [1, 95]), cache: &$0) } == .invalidArgument)
    #expect(
      kind { _ = try model.forward(embeddings: Tensor(repeating: .nan, shape: [1, 96]), cache: &$0) }
        == .invalidArgument)
    for position in [-1, Int(Int32.max)] {
      #expect(
        kind { _ = try model.forward([InputSegment(tokens: [1], position: position)], cache: &$0) } == .invalidArgument)
    }
    let other = try TinyLlama.make(type: .q8_0)
    #expect(kind { _ = try other.forward([1], cache: &$0) } == .foreignCache)
    #expect(kind { _ = try model.skipping(layers: [0]).forward([1], cache: &$0) } == .foreignCache)
    #expect(cache.count == 2)
    #expect(throws: LanguageModelError.self) { try TinyLlama.make(TinyLlama.config(headSize: 12)) }
  }
}
