import TinyTensor

extension KVCache {
  /// Forgets all slots from `count` on. No memory is copied.
  public mutating func truncate(to count: Int) {
    precondition(count >= 0, "cannot truncate to \(count) slots")
    guard count < self.count else { return }
    tokens.removeSubrange(count...)
    positions.removeSubrange(count...)
    segments.removeAll { $0.range.lowerBound >= count }
    if let last = segments.last, last.range.upperBound > count {
      segments[segments.count - 1].range = last.range.lowerBound..<count
    }
    pages.removeSubrange(PageLayout.pages(for: count)...)
    nextPosition = positions.last.map { Int($0) + 1 } ?? 0
  }

  /// Truncated to `count` slots; the original is unchanged.
  public func prefix(_ count: Int) -> KVCache {
    var result = self
    result.truncate(to: count)
    return result
  }

  /// The slots `range` as a cache of their own, at their old positions. Shares memory where `range` starts on a multiple of 64.
  public func slice(_ range: Range<Int>) -> KVCache {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "slots \(range) of a cache with \(count)")
    var result = KVCache(model: model, precision: precision, keyStorage: keyStorage)
    result.tokens = Array(tokens[range])
    result.positions = Array(positions[range])
    result.nextPosition = result.positions.last.map { Int($0) + 1 } ?? 0
    result.segments = segments.compactMap { segment in
      let overlap = segment.range.clamped(to: range)
      if overlap.isEmpty { return nil }
      let first = segment.scope == .everything ? 0 : segment.range.lowerBound
      return CacheSegment(
        range: overlap.lowerBound - range.lowerBound..<overlap.upperBound - range.lowerBound, scope: segment.scope,
        isIntact: segment.isIntact && range.lowerBound <= first)
    }
    if range.lowerBound.isMultiple(of: PageLayout.slots) {
      let first = range.lowerBound / PageLayout.slots
      result.pages = Array(pages[first..<first + PageLayout.pages(for: range.count)])
    } else {
      result.makeWritable(0..<range.count)
      SlotCopy(layout: layout, rotation: nil).copy(range, of: pages, to: result.pages, at: 0)
    }
    return result
  }

  /// The given slots, in the given order, as a cache of their own, at their old positions: removes what is not listed.
  ///
  /// The result counts as one independent segment that is not intact: what its slots attended to is no longer all there.
  public func gathering(slots: [Int]) -> KVCache {
    precondition(slots.allSatisfy { $0 >= 0 && $0 < count }, "slots outside of 0..<\(count)")
    var result = KVCache(model: model, precision: precision, keyStorage: keyStorage)
    _ = result.appendSlots(slots.map { tokens[$0] }, positions: slots.map { positions[$0] }, scope: .ownSegment)
    result.markChanged(from: 0)
    let copier = SlotCopy(layout: layout, rotation: nil)
    var start = 0
    while start < slots.count {
      var end = start + 1
      while end < slots.count && slots[end] == slots[end - 1] + 1 { end += 1 }
      copier.copy(slots[start]..<slots[start] + end - start, of: pages, to: result.pages, at: start)
      start = end
    }
    return result
  }

  /// This cache with the slots of `other` behind its own, each at its own position. Only the slots of `other` are copied.
  ///
  /// - Parameter offset: added to the positions of `other` on the way (its keys are rotated while they are copied).
  /// - Throws: ``LanguageModelError`` if the caches do not belong together or a position would be negative.
  public func concatenated(with other: KVCache, relocatedBy offset: Int = 0) throws(LanguageModelError) -> KVCache {
    var result = self
    try result.append(other, relocatedBy: offset)
    return result
  }

  /// Appends the slots of `other`, whose positions grow by `offset`.
  ///
  /// - Throws: ``LanguageModelError`` if the caches do not belong together or a position would be negative.
  public mutating func append(_ other: KVCache, relocatedBy offset: Int = 0) throws(LanguageModelError) {
    try requireSameKind(as: other)
    try other.requireValid(offset: offset)
    guard !other.isEmpty else { return }
    let start = count
    makeWritable(start..<start + other.count)
    SlotCopy(layout: layout, rotation: other.rotation(by: offset)).copy(
      0..<other.count, of: other.pages, to: pages, at: start)
    tokens += other.tokens
    positions += other.positions.map { $0 + Int32(offset) }
    // A sequence that begins behind other slots has not attended to them. One that attended to segments before it in `other`
    // has seen more than its own segment and less than everything: no scope describes it.
    segments += other.segments.map { segment in
      CacheSegment(
        range: segment.range.lowerBound + start..<segment.range.upperBound + start,
        scope: start == 0 ? segment.scope : .ownSegment,
        isIntact: segment.isIntact
          && (start == 0 || segment.scope == .ownSegment || segment.range.lowerBound == 0))
    }
    nextPosition = other.nextPosition + offset
  }

  /// The same slots `offset` positions further on: for relative positions nothing changes.
  ///
  /// Rotated keys are rotated by the difference, `R(p + Δ) = R(Δ) R(p)`, with angles from double precision; the result agrees with
  /// computing the keys at the new position to rounding. Unrotated keys are shared and exact.
  ///
  /// - Throws: ``LanguageModelError`` if a position would be negative.
  public func relocated(by offset: Int) throws(LanguageModelError) -> KVCache {
    try requireValid(offset: offset)
    var result = self
    result.positions = positions.map { $0 + Int32(offset) }
    result.nextPosition += offset
    guard let rotation = rotation(by: offset) else { return result }
    result.pages = (0..<pages.count).map { _ in KVPage(zeroed: layout.pageBytes) }
    SlotCopy(layout: layout, rotation: rotation).copy(0..<count, of: pages, to: result.pages, at: 0)
    return result
  }

  private func requireValid(offset: Int) throws(LanguageModelError) {
    let lowest = Int(positions.min() ?? 0)
    let highest = Int(positions.max() ?? 0)
    guard -lowest <= offset, offset < Int(Int32.max) - highest else {
      throw LanguageModelError(
        .invalidArgument, "positions \(lowest) to \(highest) cannot be moved by \(offset)",
        remedy: "positions must stay within 0...2147483646")
    }
  }

  private func rotation(by offset: Int) -> (embedding: RotaryEmbedding, cosine: [Float], sine: [Float])? {
    guard keyStorage == .rotated, offset != 0 else { return nil }
    let angles = model.rotary.angles(at: offset)
    return (model.rotary, angles.cosine, angles.sine)
  }

  /// The same content in another number format or key storage.
  public func converted(
    to newPrecision: CachePrecision? = nil, keyStorage newStorage: KeyStorage? = nil
  ) -> KVCache {
    var result = KVCache(
      model: model, precision: newPrecision ?? precision, keyStorage: newStorage ?? keyStorage)
    result.tokens = tokens
    result.positions = positions
    result.segments = segments
    result.nextPosition = nextPosition
    result.makeWritable(0..<count)
    for layer in 0..<model.layers {
      result.storeRows(
        keys: keys(layer: layer, slots: Array(0..<count), as: result.keyStorage),
        values: values(layer: layer, slots: Array(0..<count)), layer: layer, slots: Array(0..<count))
    }
    return result
  }
}
