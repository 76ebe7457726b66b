/// Union-find over channel slots, with path halving. The representative of a set is its smallest slot, so that results do
/// not depend on the order of the unions.
struct DisjointSets: Sendable {
  private var parent: [Int32] = []

  /// Number of slots.
  var count: Int { parent.count }

  /// Adds `count` singletons and returns them.
  mutating func makeSets(_ count: Int) -> [Int32] {
    let first = Int32(parent.count)
    let fresh = (first..<first + Int32(count))
    parent.append(contentsOf: fresh)
    return Array(fresh)
  }

  /// The representative of the set of `slot`.
  mutating func find(_ slot: Int32) -> Int32 {
    var current = slot
    while parent[Int(current)] != current {
      parent[Int(current)] = parent[Int(parent[Int(current)])]
      current = parent[Int(current)]
    }
    return current
  }

  /// Joins two sets.
  mutating func union(_ a: Int32, _ b: Int32) {
    let x = find(a)
    let y = find(b)
    if x < y { parent[Int(y)] = x } else { parent[Int(x)] = y }
  }
}
