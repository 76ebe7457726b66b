import Foundation
import LanguageModel
import TinyNN
import TinyTensor

/// The work of a language model: reading prompts, generating, scoring, training soft tokens.
struct LanguageBench {
  /// One piece of work, with both of its costs; ``BenchItem/work`` is the one that limits it.
  struct Work {
    let item: BenchItem
    /// Tokens of one repetition.
    let tokens: Int
    let flops: Double
    let bytes: Double
  }

  let file: ModelFile
  let model: LlamaModel
  let threads: Int

  /// Everything that fits the model's context.
  func works() -> [Work] {
    let limit = model.contextLimit
    var works = [64, 128, 512, 1024].filter { $0 <= limit }.map(prefill)
    for context in [32, 512, 2048] where context < limit {
      works.append(decode(context: context, batch: 1))
    }
    for context in [32, 512] where context < limit { works.append(decode(context: context, batch: 4)) }
    if limit > 420 { works.append(scoring(prefix: 400, options: 4, length: 8)) }
    if limit >= 512 { works.append(softTokens(32, before: 480)) }
    return works
  }

  private var path: String { file.url.path }

  /// Floating-point operations of the layers for so many tokens that see `slots` slots on average.
  private func layerFlops(tokens: Int, slots: Double) -> Double {
    let config = model.config
    let embedding = config.vocabulary * config.width * (config.tiedEmbedding ? 1 : 2)
    let attention = 4 * Double(config.layers * config.heads * config.headSize) * slots
    return Double(tokens) * (2 * Double(config.parameterCount - embedding) + attention)
  }

  private var headFlops: Double { 2 * Double(model.config.vocabulary * model.config.width) }

  private func prefill(_ count: Int) -> Work {
    work(
      "prefill \(count)", tokens: count, flops: layerFlops(tokens: count, slots: Double(count) / 2) + headFlops,
      bytes: Double(model.weightBytes), limit: .arithmetic,
      request: PeerRequest(work: "prefill", file: path, tokens: count, threads: threads)
    ) { model in
      let tokens = Self.tokens(count, model.config.vocabulary)
      return {
        var cache = model.makeCache()
        _ = try model.forward(tokens, cache: &cache)
      }
    }
  }

  private func decode(context: Int, batch: Int) -> Work {
    work(
      "decode at \(context)" + (batch > 1 ? ", batch \(batch)" : ""), tokens: batch,
      flops: layerFlops(tokens: batch, slots: Double(context)) + Double(batch) * headFlops,
      bytes: Double(model.weightBytes) + Double(batch * context * model.makeCache().bytesPerSlot), limit: .memory,
      request: batch == 1 ? PeerRequest(work: "decode", file: path, tokens: context, threads: threads) : nil
    ) { model in
      var caches = [KVCache](repeating: try Self.cache(of: context, model), count: batch)
      let next = [[Int32]](repeating: [1], count: batch)
      return {
        _ = try model.forward(batch: next, caches: &caches)
        for index in caches.indices { caches[index].truncate(to: context) }
      }
    }
  }

  private func scoring(prefix: Int, options: Int, length: Int) -> Work {
    let rows = options * (length - 1) + 1
    return work(
      "score \(options) × \(length) behind \(prefix)", tokens: options * length,
      flops: layerFlops(tokens: rows, slots: Double(prefix)) + Double(rows) * headFlops,
      bytes: Double(model.weightBytes + prefix * model.makeCache().bytesPerSlot), limit: .memory,
      request: PeerRequest(
        work: "score", file: path, tokens: prefix, options: options, length: length, threads: threads)
    ) { model in
      let cache = try Self.cache(of: prefix, model)
      let texts = (0..<options).map { Self.tokens(length, model.config.vocabulary, seed: UInt64($0) + 2) }
      return { _ = try model.score(texts, after: cache) }
    }
  }

  /// A training step of soft tokens before a text: forward and backward through the frozen weights.
  private func softTokens(_ count: Int, before text: Int) -> Work {
    let rows = count + text
    return work(
      "train \(count) soft tokens before \(text)", tokens: rows,
      flops: 2 * (layerFlops(tokens: rows, slots: Double(rows) / 2) + Double(text) * headFlops),
      bytes: 2 * Double(model.weightBytes), limit: .arithmetic, request: nil
    ) { model in
      let trainer = DifferentiableModel(model)
      var random = Philox(seed: 1, stream: "bench soft tokens")
      let start = Tensor.normal([count, model.config.width], standardDeviation: 0.1, using: &random)
      let tokens = Self.tokens(text, model.config.vocabulary)
      return {
        let soft = Variable(start, requiresGradient: true)
        let logits = try trainer.logits(
          [TrainingSegment(.embeddings(soft), .tokens(tokens))], rows: Array(count - 1..<rows - 1))
        crossEntropy(logits, labels: tokens.map(Int.init)).backward()
      }
    }
  }

  /// What the bench decodes or scores behind: a cache of that many tokens.
  private static func cache(of count: Int, _ model: LlamaModel) throws -> KVCache {
    var cache = model.makeCache()
    _ = try model.forward(tokens(count, model.config.vocabulary), cache: &cache, logits: .none)
    return cache
  }

  private func work(
    _ name: String, tokens: Int, flops: Double, bytes: Double, limit: BenchItem.Limit, request: PeerRequest?,
    _ prepare: @escaping (LlamaModel) throws -> () throws -> Void
  ) -> Work {
    let limiting = if case .memory = limit { bytes } else { flops }
    let model = model
    return Work(
      item: BenchItem(name: name, threads: threads, work: limiting, limit: limit, request: request) {
        try prepare(model)
      },
      tokens: tokens, flops: flops, bytes: bytes)
  }

  /// Reproducible token ids.
  private static func tokens(_ count: Int, _ vocabulary: Int, seed: UInt64 = 1) -> [Int32] {
    var random = Philox(seed: seed, stream: "bench tokens")
    return (0..<count).map { _ in Int32(random.next(below: vocabulary)) }
  }
}
