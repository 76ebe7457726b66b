import TinyTensor

/// Layer by layer access, for methods that recompute parts of a cache (selective recomputation, cache blending).
extension LlamaModel {
  /// Runs one layer for some slots of a cache: recomputes their keys and values from the residual stream, stores them, and
  /// returns the residual stream behind the layer.
  ///
  /// Each slot attends to all slots up to itself, with the keys and values that the cache holds then: recomputed ones for the
  /// given slots, old ones elsewhere.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - hidden: the residual stream before the layer, `[slots, width]`.
  ///   - slots: ascending slots of the cache.
  ///   - cache: the cache; its keys and values of this layer change in these slots.
  /// - Returns: the residual stream behind the layer, `[slots, width]`.
  /// - Throws: ``LanguageModelError``.
  public func recompute(
    layer: Int, hidden: Tensor, slots: [Int], cache: inout KVCache
  ) throws(LanguageModelError) -> Tensor {
    try requireOwn(cache)
    try requireValid(layer: layer, hidden: hidden, count: slots.count)
    guard slots.allSatisfy({ $0 >= 0 && $0 < cache.count }), zip(slots, slots.dropFirst()).allSatisfy(<) else {
      throw LanguageModelError(.invalidArgument, "slots to recompute must ascend within 0..<\(cache.count)")
    }
    if slots.isEmpty { return Tensor(zeros: [0, config.width]) }
    for slot in slots { cache.makeWritable(slot..<slot + 1) }
    cache.markChanged(from: slots[0])
    let batch = ForwardBatch(
      sequences: [0..<slots.count], slots: slots.map(Int32.init), positions: slots.map { cache.positions[$0] },
      visibility: slots.map { .causal(slot: $0) })
    return ForwardPass.with(self, batch, [cache], nil) { $0.run(layer: layer, hidden: hidden).tensor() }
  }

  /// The queries of a layer, rotated to their positions, for the residual stream before it: `[tokens, heads, headSize]`.
  ///
  /// - Throws: ``LanguageModelError``.
  public func queries(layer: Int, hidden: Tensor, positions: [Int32]) throws(LanguageModelError) -> Tensor {
    try requireValid(layer: layer, hidden: hidden, count: positions.count)
    if let wrong = positions.first(where: { $0 < 0 }) {
      throw LanguageModelError(.invalidArgument, "a position must not be negative, got \(wrong)")
    }
    let batch = ForwardBatch(
      sequences: [0..<positions.count], slots: positions.indices.map(Int32.init), positions: positions,
      visibility: positions.indices.map { .causal(slot: $0) })
    return ForwardPass.with(self, batch, [makeCache()], nil) { pass in
      pass.queries(layer: layer, hidden: hidden).tensor()
    }.reshaped([positions.count, config.heads, config.headSize])
  }

  private func requireValid(layer: Int, hidden: Tensor, count: Int) throws(LanguageModelError) {
    guard layers.indices.contains(layer) else {
      throw LanguageModelError(.invalidArgument, "there is no layer \(layer): the model has \(layers.count)")
    }
    guard hidden.shape == [count, config.width] else {
      throw LanguageModelError(
        .invalidArgument, "the residual stream has shape \(hidden.shape), expected [\(count), \(config.width)]")
    }
  }
}
