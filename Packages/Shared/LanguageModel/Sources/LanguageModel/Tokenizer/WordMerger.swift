/// Byte-pair encoding of one word: starting from single bytes, the pair of lowest rank is merged, the leftmost first,
/// until no pair is left (Sennrich et al. 2016).
///
/// The symbols form a linked list and the candidate pairs a heap, so that a word of n bytes takes O(n log n). The
/// buffers are kept from word to word.
struct WordMerger {
  private struct Symbol {
    var token: Int32
    var previous: Int32
    var next: Int32
    /// The rank of the pair that this symbol and the next one form; what the heap says otherwise is out of date.
    var rank: UInt32
  }

  private static let none: Int32 = -1
  private static let noRank = UInt32.max

  private var symbols: [Symbol] = []
  private var heap: [UInt64] = []

  /// Appends the tokens of a word.
  ///
  /// - Parameters:
  ///   - bytes: A text.
  ///   - word: The word's place in the text.
  ///   - byteTokens: The token of each byte, -1 for bytes that have none and are left out.
  ///   - merges: The merges.
  ///   - tokens: Where the tokens go.
  mutating func append(
    _ bytes: [UInt8], _ word: Range<Int>, byteTokens: [Int32], merges: MergeTable, to tokens: inout [Int32]
  ) {
    symbols.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in word {
      let token = byteTokens[Int(bytes[index])]
      guard token >= 0 else { continue }
      let position = Int32(symbols.count)
      symbols.append(Symbol(token: token, previous: position - 1, next: position + 1, rank: Self.noRank))
    }
    guard !symbols.isEmpty else { return }
    symbols[symbols.count - 1].next = Self.none
    for position in symbols.indices { offer(position, merges) }
    while let (rank, position) = pop() {
      if symbols[position].rank == rank { merge(position, merges) }
    }

    var position: Int32 = 0
    while position != Self.none {
      tokens.append(symbols[Int(position)].token)
      position = symbols[Int(position)].next
    }
  }

  /// Merges the symbol at `position` with the next one and looks at the two new pairs.
  private mutating func merge(_ position: Int, _ merges: MergeTable) {
    let next = Int(symbols[position].next)
    guard let merge = merges[symbols[position].token, symbols[next].token] else { return }
    symbols[position].token = merge.token
    symbols[position].next = symbols[next].next
    symbols[next].rank = Self.noRank
    let following = symbols[position].next
    if following != Self.none { symbols[Int(following)].previous = Int32(position) }
    offer(position, merges)
    let previous = symbols[position].previous
    if previous != Self.none { offer(Int(previous), merges) }
  }

  /// Puts the pair that begins at `position` on the heap, if it is one.
  private mutating func offer(_ position: Int, _ merges: MergeTable) {
    let next = symbols[position].next
    guard next != Self.none, let merge = merges[symbols[position].token, symbols[Int(next)].token] else {
      symbols[position].rank = Self.noRank
      return
    }
    symbols[position].rank = merge.rank
    push(UInt64(merge.rank) << 32 | UInt64(position))
  }

  private mutating func push(_ item: UInt64) {
    heap.append(item)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent] <= item { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = item
  }

  /// The pair of lowest rank, the leftmost among equals.
  private mutating func pop() -> (rank: UInt32, position: Int)? {
    guard let top = heap.first, let item = heap.popLast() else { return nil }
    if !heap.isEmpty {
      var parent = 0
      while 2 * parent + 1 < heap.count {
        var child = 2 * parent + 1
        if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
        if heap[child] >= item { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = item
    }
    return (UInt32(truncatingIfNeeded: top >> 32), Int(top & 0xffff_ffff))
  }
}
