import TinyTensor

/// The keys and values of all layers for a sequence of tokens, as a value.
///
/// A cache can be copied (snapshots share memory until one of them is written), cut, joined with others, moved to other positions,
/// saved and loaded. It knows the model it belongs to, and which token stands in which slot at which position, and refuses to
/// be used where it does not fit.
///
/// A *slot* is an index into the cache; a *position* is what the rotary embedding of the token was computed for. They agree in an
/// ordinary conversation and differ after slots were removed or caches were joined.
///
/// ```swift
/// var cache = model.makeCache()
/// _ = try model.forward(documentTokens, cache: &cache, logits: .none)
/// let snapshot = cache                                   // costs nothing
/// let logits = try model.forward(questionTokens, cache: &cache, logits: .last)
/// cache = snapshot                                       // ask something else
/// ```
public struct KVCache: Sendable {
  /// The token id that stands for a soft token: an embedding that belongs to no token.
  public static let softToken: Int32 = -1

  /// The model whose keys and values these are.
  public let model: ModelIdentity
  /// The number format of the elements.
  public let precision: CachePrecision
  /// Whether keys are stored after or before the rotary embedding.
  public let keyStorage: KeyStorage
  /// The token in each slot; ``softToken`` for soft tokens.
  public internal(set) var tokens: [Int32] = []
  /// The position of each slot.
  public internal(set) var positions: [Int32] = []
  /// The runs of slots that were computed under one attention rule, in order, without gaps.
  public internal(set) var segments: [CacheSegment] = []
  /// The position that the next token gets unless told otherwise: one past the last slot's, until ``setNextPosition(_:)`` chooses
  /// another.
  public internal(set) var nextPosition = 0

  var pages: [KVPage] = []

  /// An empty cache.
  public init(model: ModelIdentity, precision: CachePrecision = .float32, keyStorage: KeyStorage = .rotated) {
    self.model = model
    self.precision = precision
    self.keyStorage = keyStorage
  }

  /// The number of slots.
  public var count: Int { tokens.count }
  /// Whether there are no slots.
  public var isEmpty: Bool { tokens.isEmpty }

  var layout: PageLayout {
    PageLayout(layers: model.layers, kvHeads: model.kvHeads, headSize: model.headSize, precision: precision)
  }

  /// Bytes of keys and values per slot.
  public var bytesPerSlot: Int { 2 * model.layers * model.kvHeads * model.headSize * precision.byteCount }
  /// Bytes of memory that the cache refers to, shared or not.
  public var byteCount: Int { pages.count * layout.pageBytes }

  /// Chooses the position of the next token, for caches from which slots were removed without closing the gap.
  ///
  /// - Throws: ``LanguageModelError`` for a position that is negative or above `Int32.max`.
  public mutating func setNextPosition(_ position: Int) throws(LanguageModelError) {
    guard position >= 0, position <= Int(Int32.max) else {
      throw LanguageModelError(.invalidArgument, "the next position must be 0 to 2147483647, got \(position)")
    }
    nextPosition = position
  }

  /// The number of leading tokens of `other` that this cache already holds as the start of an ordinary causal sequence.
  ///
  /// Stops at the first different token, soft token, slot whose position is not its index, segment that is not intact, or
  /// independently computed segment (other than one at the very start): what is counted is exactly what may be reused for `other`.
  public func longestCommonPrefix(with other: [Int32]) -> Int {
    var limit = min(count, other.count)
    let odd = segments.first { !$0.isIntact || $0.scope == .ownSegment && $0.range.lowerBound > 0 }
    if let odd { limit = min(limit, odd.range.lowerBound) }
    for slot in 0..<limit where tokens[slot] != other[slot] || positions[slot] != Int32(slot) { return slot }
    return limit
  }

  /// Throws unless the caches belong together: same model, precision and key storage.
  func requireSameKind(as other: KVCache) throws(LanguageModelError) {
    guard model == other.model else {
      throw LanguageModelError(
        .foreignCache, "a cache of model \(other.model) does not fit one of \(model)",
        remedy: "build both caches with the same model")
    }
    guard precision == other.precision, keyStorage == other.keyStorage else {
      throw LanguageModelError(
        .foreignCache,
        "a cache with \(other.keyStorage.rawValue) \(other.precision.rawValue) keys does not fit one with "
          + "\(keyStorage.rawValue) \(precision.rawValue) keys",
        remedy: "make both caches with the same precision and key storage")
    }
  }

  /// Makes room for new slots and records them; the caller then writes keys and values for all layers.
  ///
  /// - Returns: the new slots.
  mutating func appendSlots(_ newTokens: [Int32], positions newPositions: [Int32], scope: CacheSegment.Scope) -> Range<
    Int
  > {
    let slots = count..<count + newTokens.count
    makeWritable(slots)
    tokens += newTokens
    positions += newPositions
    if let last = newPositions.last { nextPosition = Int(last) + 1 }
    let isIntact = scope == .ownSegment || segments.allSatisfy(\.isIntact)
    if scope == .everything, let last = segments.last, last.scope == .everything, last.isIntact == isIntact {
      segments[segments.count - 1].range = last.range.lowerBound..<slots.upperBound
    } else if !slots.isEmpty {
      segments.append(CacheSegment(range: slots, scope: scope, isIntact: isIntact))
    }
    return slots
  }

  /// Notes that keys or values of `slot` are no longer what the model would compute, and so for all that attended to it.
  mutating func markChanged(from slot: Int) {
    for index in segments.indices where segments[index].range.upperBound > slot {
      let ownsSlot = segments[index].range.contains(slot)
      if ownsSlot || segments[index].scope == .everything { segments[index].isIntact = false }
    }
  }

  /// Makes the pages of `slots` exist and belong to this value alone.
  mutating func makeWritable(_ slots: Range<Int>) {
    guard !slots.isEmpty else { return }
    let bytes = layout.pageBytes
    let last = (slots.upperBound - 1) / PageLayout.slots
    for index in slots.lowerBound / PageLayout.slots...last where index < pages.count {
      if pages[index].isMapped || !isKnownUniquelyReferenced(&pages[index]) {
        pages[index] = KVPage(copying: pages[index], bytes: bytes)
      }
    }
    while pages.count <= last { pages.append(KVPage(zeroed: bytes)) }
  }
}
