import TinyTensor

extension LlamaModel {
  /// The log-likelihood of each continuation behind a cached prefix, all in one batched pass over the prefix.
  ///
  /// - Parameters:
  ///   - continuations: the candidates, none empty.
  ///   - cache: the prefix; is not changed.
  ///   - lastLogits: the logits `[vocabulary]` or `[1, vocabulary]` of the prefix's last token if they are at hand; otherwise that token is
  ///     evaluated again, which needs a prefix that ends in a token (not a soft token).
  /// - Returns: Σ ln p(token | prefix, tokens before) per continuation.
  /// - Throws: ``LanguageModelError``.
  public func score(
    _ continuations: [[Int32]], after cache: KVCache, lastLogits: Tensor? = nil
  ) throws(LanguageModelError) -> [Double] {
    try scoreTokens(continuations, after: cache, lastLogits: lastLogits).map { $0.reduce(0, +) }
  }

  /// Like ``score(_:after:lastLogits:)``, token by token.
  ///
  /// - Returns: ln p of every token of every continuation.
  /// - Throws: ``LanguageModelError``.
  public func scoreTokens(
    _ continuations: [[Int32]], after cache: KVCache, lastLogits: Tensor? = nil
  ) throws(LanguageModelError) -> [[Double]] {
    try requireOwn(cache)
    for (index, tokens) in continuations.enumerated() {
      guard !tokens.isEmpty else {
        throw LanguageModelError(.invalidArgument, "continuation \(index) has no tokens")
      }
      try requireValid(tokens)
    }
    var work = cache
    var inputs: [Int32] = []
    var batch = ForwardBatch()
    if lastLogits == nil {
      guard let last = cache.tokens.last, last != KVCache.softToken else {
        throw LanguageModelError(
          .invalidArgument, "scoring needs a prefix that ends in a token, or the logits of its last slot",
          remedy: "pass lastLogits")
      }
      replayLast(of: cache, in: &work, batch: &batch)
      inputs.append(last)
    }
    let longest = continuations.reduce(0) { max($0, $1.count) }
    try requireRoom(for: longest, in: cache)
    try Self.requireValidPositions([(nil, longest)], after: cache.nextPosition)
    // The row of the first token of each continuation.
    var starts: [Int] = []
    for tokens in continuations {
      starts.append(batch.count)
      appendBranch(Array(tokens.dropLast()), behind: cache.count, at: cache.nextPosition, to: &work, &batch)
      inputs += tokens.dropLast()
    }
    batch.sequences = [0..<batch.count]
    let hidden = runHidden(
      batch, embeddings: try embed(inputs), caches: [work], rows: Array(0..<batch.count), hooks: nil)
    guard let hidden else { throw LanguageModelError(.cancelled, "scoring was cancelled") }
    var targets: [(row: Int, token: Int32)] = []
    for (index, tokens) in continuations.enumerated() where tokens.count > 1 {
      for (offset, token) in tokens.dropFirst().enumerated() { targets.append((starts[index] + offset, token)) }
    }
    let later = logProbabilities(hidden, targets)
    let first = continuations.map { (row: 0, token: $0[0]) }
    let firsts =
      lastLogits.map { LogSumExp.logProbabilities($0.reshaped([1, config.vocabulary]), first) }
      ?? logProbabilities(hidden, first)
    var next = 0
    return continuations.enumerated().map { index, tokens in
      defer { next += tokens.count - 1 }
      return [firsts[index]] + later[next..<next + tokens.count - 1]
    }
  }

  /// ln p of target tokens for rows of the residual stream; the head is evaluated in small groups of rows.
  func logProbabilities(_ hidden: Tensor, _ targets: [(row: Int, token: Int32)]) -> [Double] {
    var result = [Double](repeating: 0, count: targets.count)
    let rows = Array(Set(targets.map(\.row))).sorted()
    var byRow: [Int: [Int]] = [:]
    for (index, target) in targets.enumerated() { byRow[target.row, default: []].append(index) }
    for start in stride(from: 0, to: rows.count, by: 64) {
      let group = Array(rows[start..<min(start + 64, rows.count)])
      let logits = logits(hidden.gatheredRows(group))
      var wanted: [(row: Int, token: Int32)] = []
      var places: [Int] = []
      for (line, row) in group.enumerated() {
        for index in byRow[row] ?? [] {
          wanted.append((line, targets[index].token))
          places.append(index)
        }
      }
      for (place, value) in zip(places, LogSumExp.logProbabilities(logits, wanted)) { result[place] = value }
    }
    return result
  }

  /// Computes the last slot again, for its logits.
  private func replayLast(of cache: KVCache, in work: inout KVCache, batch: inout ForwardBatch) {
    let slot = cache.count - 1
    let scope = cache.segments.last?.scope ?? .everything
    let start = scope == .ownSegment ? cache.segments.last?.range.lowerBound ?? 0 : 0
    work.makeWritable(slot..<slot + 1)
    batch.slots.append(Int32(slot))
    batch.positions.append(cache.positions[slot])
    batch.visibility.append(Visibility(prefix: 0, start: start, end: slot + 1))
  }

  /// Adds tokens that see the first `prefix` slots and each other.
  private func appendBranch(
    _ tokens: [Int32], behind prefix: Int, at position: Int, to work: inout KVCache, _ batch: inout ForwardBatch
  ) {
    let positions = tokens.indices.map { Int32(position + $0) }
    let slots = work.appendSlots(tokens, positions: positions, scope: .ownSegment)
    batch.slots += slots.map(Int32.init)
    batch.positions += positions
    batch.visibility += slots.map { Visibility(prefix: prefix, start: slots.lowerBound, end: $0 + 1) }
  }
}
