/// For every unit the channels that belong to it, in one flat array (compressed rows).
struct UnitLists: Sendable {
  /// A channel of a node.
  struct Entry: Sendable, Hashable {
    let node: Int32
    let channel: Int32
  }

  private let entries: [Entry]
  private let starts: [Int]

  /// The channels of one unit, in graph order.
  subscript(unit: Int) -> ArraySlice<Entry> { entries[starts[unit]..<starts[unit + 1]] }

  /// Collects channels in graph order, then sorts them by unit (counting sort, stable).
  struct Builder {
    private var units: [Int32] = []
    private var entries: [Entry] = []

    /// Adds all channels of a node.
    mutating func append(_ unitOfChannel: [Int32], node: Int) {
      for (channel, unit) in unitOfChannel.enumerated() {
        units.append(unit)
        entries.append(Entry(node: Int32(node), channel: Int32(channel)))
      }
    }

    /// Sorts by unit.
    func build(units count: Int) -> UnitLists {
      var starts = [Int](repeating: 0, count: count + 1)
      for unit in units { starts[Int(unit) + 1] += 1 }
      for unit in 0..<count { starts[unit + 1] += starts[unit] }
      var next = starts
      var sorted = entries
      for (entry, unit) in zip(entries, units) {
        sorted[next[Int(unit)]] = entry
        next[Int(unit)] += 1
      }
      return UnitLists(entries: sorted, starts: starts)
    }
  }
}
