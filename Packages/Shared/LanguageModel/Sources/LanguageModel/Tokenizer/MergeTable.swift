/// The merges of a BPE vocabulary: which two tokens become which one, and how early.
struct MergeTable: Sendable {
  /// What a pair becomes; a smaller rank goes first.
  struct Merge: Sendable {
    let rank: UInt32
    let token: Int32
  }

  private static let empty = UInt64.max
  private var keys: [UInt64]
  private var merges: [Merge]
  private let mask: Int

  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    keys = [UInt64](repeating: Self.empty, count: size)
    merges = [Merge](repeating: Merge(rank: 0, token: 0), count: size)
    mask = size - 1
  }

  /// Enters a merge; of equal pairs the first one counts.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let key = Self.key(left, right)
    let slot = find(key)
    guard keys[slot] == Self.empty else { return }
    keys[slot] = key
    merges[slot] = merge
  }

  /// What the pair becomes, or nil if the two stay apart.
  @inline(__always)
  subscript(left: Int32, right: Int32) -> Merge? {
    let slot = find(Self.key(left, right))
    return keys[slot] == Self.empty ? nil : merges[slot]
  }

  @inline(__always)
  private func find(_ key: UInt64) -> Int {
    let hash = key &* 0x9e37_79b9_7f4a_7c15
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while keys[slot] != key && keys[slot] != Self.empty { slot = (slot + 1) & mask }
    return slot
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
