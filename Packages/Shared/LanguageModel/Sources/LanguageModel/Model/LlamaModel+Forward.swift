import TinyTensor

extension LlamaModel {
  /// Appends tokens to a cache and computes logits.
  ///
  /// - Parameters:
  ///   - tokens: token ids; they continue at the cache's next position and attend to everything before them.
  ///   - cache: the context; holds the new tokens afterwards.
  ///   - request: for which tokens to compute logits.
  ///   - hooks: windows into the pass.
  /// - Returns: logits `[requested tokens, vocabulary]`, in the order of the request.
  /// - Throws: ``LanguageModelError``; the cache is then unchanged.
  public func forward(
    _ tokens: [Int32], cache: inout KVCache, logits request: LogitsRequest = .last, hooks: ForwardHooks? = nil
  ) throws(LanguageModelError) -> Tensor {
    try forward([InputSegment(tokens: tokens)], cache: &cache, logits: request, hooks: hooks)
  }

  /// Appends soft tokens (input embeddings `[count, width]`) to a cache and computes logits.
  public func forward(
    embeddings: Tensor, cache: inout KVCache, logits request: LogitsRequest = .last, hooks: ForwardHooks? = nil
  ) throws(LanguageModelError) -> Tensor {
    try forward([InputSegment(.embeddings(embeddings))], cache: &cache, logits: request, hooks: hooks)
  }

  /// Appends segments, each with its own attention rule, to a cache in one pass and computes logits.
  ///
  /// A segment of scope ``CacheSegment/Scope/ownSegment`` sees only itself; one of scope ``CacheSegment/Scope/everything`` sees all slots
  /// before it. The result equals computing independent segments in caches of their own, relocating and concatenating them.
  ///
  /// - Returns: logits `[requested tokens, vocabulary]`; tokens are counted through all segments.
  /// - Throws: ``LanguageModelError``; the cache is then unchanged.
  public func forward(
    _ segments: [InputSegment], cache: inout KVCache, logits request: LogitsRequest = .last,
    hooks: ForwardHooks? = nil
  ) throws(LanguageModelError) -> Tensor {
    try requireOwn(cache)
    let count = segments.reduce(0) { $0 + $1.count }
    try requireRoom(for: count, in: cache)
    try requireValid(request, count: count)
    try Self.requireValidPositions(segments.map { ($0.position, $0.count) }, after: cache.nextPosition)
    let embeddings = try embed(segments)
    var caches = [cache]
    let before = cache.count
    let batch = append(segments, to: &caches[0])
    cache = KVCache(model: identity, precision: cache.precision, keyStorage: cache.keyStorage)
    defer { cache = caches[0] }
    let result = run(batch, embeddings: embeddings, caches: caches, rows: request.indices(count: count), hooks: hooks)
    guard let result else {
      caches[0].truncate(to: before)
      throw LanguageModelError(.cancelled, "the forward pass was cancelled")
    }
    return result
  }

  /// Appends tokens to several caches in one pass: batched decoding. Each sequence sees its own cache only; caches that started
  /// as copies of one prefix share its memory.
  ///
  /// - Parameters:
  ///   - tokens: per cache, the tokens to append (may be empty).
  ///   - caches: the contexts, of the same precision and key storage.
  /// - Returns: per sequence, the logits `[requested tokens, vocabulary]`.
  /// - Throws: ``LanguageModelError``; the caches are then unchanged.
  public func forward(
    batch tokens: [[Int32]], caches: inout [KVCache], logits request: LogitsRequest = .last
  ) throws(LanguageModelError) -> [Tensor] {
    guard tokens.count == caches.count else {
      throw LanguageModelError(.invalidArgument, "\(tokens.count) token lists for \(caches.count) caches")
    }
    for (list, cache) in zip(tokens, caches) {
      try requireOwn(cache)
      try caches[0].requireSameKind(as: cache)
      try requireValid(list)
      try requireRoom(for: list.count, in: cache)
      try requireValid(request, count: list.count)
      try Self.requireValidPositions([(nil, list.count)], after: cache.nextPosition)
    }
    guard !tokens.isEmpty else { return [] }
    let embeddings = try embed(tokens.flatMap { $0 })
    let before = caches.map(\.count)
    var batch = ForwardBatch()
    var rows: [Int] = []
    for index in caches.indices {
      let start = batch.count
      append([InputSegment(tokens: tokens[index])], to: &caches[index], batch: &batch)
      rows += request.indices(count: tokens[index].count).map { $0 + start }
    }
    let result = run(batch, embeddings: embeddings, caches: caches, rows: rows, hooks: nil)
    guard let result else {
      for index in caches.indices { caches[index].truncate(to: before[index]) }
      throw LanguageModelError(.cancelled, "the forward pass was cancelled")
    }
    var start = 0
    return tokens.map { list in
      let count = request.indices(count: list.count).count
      defer { start += count }
      return result.slice(start..<start + count)
    }
  }

  // MARK: Steps

  /// Records the segments in the cache and says what each token sees.
  private func append(_ segments: [InputSegment], to cache: inout KVCache) -> ForwardBatch {
    var batch = ForwardBatch()
    append(segments, to: &cache, batch: &batch)
    return batch
  }

  private func append(_ segments: [InputSegment], to cache: inout KVCache, batch: inout ForwardBatch) {
    let first = batch.count
    for segment in segments {
      let start = Int32(segment.position ?? cache.nextPosition)
      let positions = (0..<segment.count).map { start + Int32($0) }
      let tokens = segment.parts.flatMap { part in
        switch part {
        case .tokens(let tokens): tokens
        case .embeddings: [Int32](repeating: KVCache.softToken, count: part.count)
        }
      }
      let slots = cache.appendSlots(tokens, positions: positions, scope: segment.scope)
      batch.slots += slots.map(Int32.init)
      batch.positions += positions
      batch.visibility += slots.map { slot in
        segment.scope == .everything
          ? .causal(slot: slot) : Visibility(prefix: 0, start: slots.lowerBound, end: slot + 1)
      }
    }
    batch.sequences.append(first..<batch.count)
  }

  /// Runs a batch in chunks and returns the residual stream of the wanted rows, `[rows, width]`; `nil` if the task was cancelled
  /// between chunks.
  func runHidden(
    _ batch: ForwardBatch, embeddings: Tensor, caches: [KVCache], rows: [Int], hooks: ForwardHooks?
  ) -> Tensor? {
    var result = Tensor(uninitialized: [rows.count, config.width])
    for start in stride(from: 0, to: batch.count, by: max(1, options.chunk)) {
      if start > 0 && Task.isCancelled { return nil }
      let range = start..<min(start + max(1, options.chunk), batch.count)
      let isWhole = range == 0..<batch.count
      ForwardPass.with(self, isWhole ? batch : batch.chunk(range), caches, hooks) { pass in
        let output = pass.run(embeddings: isWhole ? embeddings : embeddings.slice(range))
        for (index, row) in rows.enumerated() where range.contains(row) {
          output.copy(row: row - start, to: &result, row: index)
        }
      }
    }
    return result
  }

  /// Runs a batch and evaluates the output head for the wanted rows; `nil` if the task was cancelled.
  func run(
    _ batch: ForwardBatch, embeddings: Tensor, caches: [KVCache], rows: [Int], hooks: ForwardHooks?
  ) -> Tensor? {
    guard let hidden = runHidden(batch, embeddings: embeddings, caches: caches, rows: rows, hooks: hooks) else {
      return nil
    }
    return rows.isEmpty ? Tensor(zeros: [0, config.vocabulary]) : logits(hidden)
  }

  /// Final norm and output head for rows of the residual stream: `[rows, width]` → `[rows, vocabulary]`.
  public func logits(_ hidden: Tensor) -> Tensor {
    var input = hidden
    var result = Tensor(uninitialized: [hidden.shape[0], config.vocabulary])
    Rows.with(&input) { rows in
      Rows.with(&result) { logits in
        RowKernels.rmsNorm(rows, weight: outputNorm, epsilon: config.rmsEpsilon, output: rows, quantized: nil)
        LinearPass.withQuantized(rows, wanted: options.numerics == .fast && head.format != .float) { quantized in
          PackedProduct.multiply([PackedProduct(matrix: head, output: logits)], input: rows, quantized: quantized)
        }
      }
    }
    return result
  }

  private func embed(_ segments: [InputSegment]) throws(LanguageModelError) -> Tensor {
    var parts: [Tensor] = []
    for part in segments.flatMap(\.parts) {
      switch part {
      case .tokens(let tokens): if !tokens.isEmpty { parts.append(try embed(tokens)) }
      case .embeddings(let rows):
        guard rows.rank == 2, rows.shape[1] == config.width else {
          throw LanguageModelError(
            .invalidArgument, "embeddings of shape \(rows.shape) do not fit a model of width \(config.width)")
        }
        guard rows.isFinite else {
          throw LanguageModelError(.invalidArgument, "the embeddings contain infinite or undefined values")
        }
        if rows.shape[0] > 0 { parts.append(rows) }
      }
    }
    if parts.isEmpty { return Tensor(zeros: [0, config.width]) }
    return parts.count == 1 ? parts[0] : Tensor.concatenatedFirst(parts)
  }

  func requireRoom(for count: Int, in cache: KVCache) throws(LanguageModelError) {
    let needed = cache.count + count
    guard needed <= contextLimit else {
      throw LanguageModelError(
        .contextOverflow, "\(cache.count) cached and \(count) new tokens need \(needed) of \(contextLimit) slots",
        remedy: "shorten the input or truncate the cache")
    }
    if let window = config.slidingWindow, needed > window {
      throw LanguageModelError(
        .unsupported, "\(needed) tokens exceed the model's sliding window of \(window), which is not implemented",
        remedy: "stay below the window")
    }
  }

  /// Positions are 32-bit: refuses runs of tokens that would leave their range. A run without a position follows the one before.
  static func requireValidPositions(
    _ runs: [(position: Int?, count: Int)], after next: Int
  ) throws(LanguageModelError) {
    var next = next
    for run in runs {
      let start = run.position ?? next
      guard start >= 0, start <= Int(Int32.max) - run.count else {
        throw LanguageModelError(
          .invalidArgument, "\(run.count) tokens from position \(start) leave the positions 0...\(Int32.max)")
      }
      if run.count > 0 { next = start + run.count }
    }
  }

  private func requireValid(_ request: LogitsRequest, count: Int) throws(LanguageModelError) {
    if case .rows(let rows) = request, let wrong = rows.first(where: { $0 < 0 || $0 >= count }) {
      throw LanguageModelError(.invalidArgument, "logits were requested for token \(wrong) of \(count)")
    }
  }
}
