/// The greedy choice behind a plan: blocks of units in a total order, taken while the rule's limits allow.
struct Selection {
  /// Units that go together: one, or as many as bring a layer to the next multiple of the lanes.
  private struct Block {
    var units: [Int]
    /// Mean score; what the threshold looks at.
    var score: Float
    /// What the order looks at (the score, or the score per multiply-accumulate).
    var key: Float
    var macsSaved: Int
    /// Which set of layers computes the units.
    var kind: Int
  }

  private let rule: RemovalRule
  private let units: ChannelUnits
  private let limits: PlanLimits
  private let occurrences: [[(node: Int, times: Int)]]
  private var widths: [Int]
  private var filters: [Int: Int] = [:]
  private(set) var removed: [(unit: Int, score: Float?)] = []

  init(rule: RemovalRule, units: ChannelUnits, limits: PlanLimits) {
    self.rule = rule
    self.units = units
    self.limits = limits
    occurrences = units.occurrences()
    widths = units.fullWidths
    for node in units.producingNodes { filters[node] = widths[node] }
  }

  /// - Parameter total: number of prunable units present, of which the strategy's fraction is taken.
  mutating func run(_ candidates: [Int], scores: [Int: Float], total: Int) throws(PruneError) {
    let threshold = try self.threshold()
    let kinds = Dictionary(grouping: candidates, by: { unit in units.producers[unit].map(\.node) })
      .values.sorted { $0[0] < $1[0] }
    var blocks: [Block] = []
    for (kind, members) in kinds.enumerated() {
      blocks += self.blocks(of: members, kind: kind, scores: scores)
    }
    blocks.sort { a, b in
      if a.key != b.key { return a.key < b.key }
      if rule.ties == .macsSaved, a.macsSaved != b.macsSaved { return a.macsSaved > b.macsSaved }
      return a.units[0] < b.units[0]
    }
    var budget = Budget(rule: rule, total: total, kinds: kinds.map(\.count))
    // A block that a layer's floor or budget refuses closes that kind: a later block would otherwise jump the queue.
    var closed = Set<Int>()
    for block in blocks where !closed.contains(block.kind) {
      if let targetMacs = limits.targetMacs, units.widths.macs(widths: widths) <= targetMacs { return }
      if let threshold, Double(block.score) >= threshold { continue }
      guard budget.allows(block.units.count, kind: block.kind), respectsFloor(block) else {
        closed.insert(block.kind)
        continue
      }
      budget.take(block.units.count, kind: block.kind)
      remove(block, scores: scores)
    }
  }

  private func threshold() throws(PruneError) -> Double? {
    guard let fraction = rule.strategy.threshold(round: limits.round) else { return nil }
    guard let classes = limits.classes, classes > 0 else {
      throw .invalidOption(
        "the strategy", value: "\(rule.strategy)", expected: "percentage:p, because these scores do not count classes")
    }
    return fraction * Double(classes)
  }

  /// Blocks of one kind in ascending order of score. The first brings the kind's width to a multiple of the lanes.
  private func blocks(of members: [Int], kind: Int, scores: [Int: Float]) -> [Block] {
    let sorted = members.sorted { a, b in
      let x = scores[a] ?? 0
      let y = scores[b] ?? 0
      return x != y ? x < y : a < b
    }
    let lanes = rule.roundTo ?? 1
    let width = units.producers[members[0]].first.map { kindWidth(Int($0.node), members) } ?? members.count
    var result: [Block] = []
    var position = 0
    var size = (width - 1) % lanes + 1
    while position + size <= sorted.count {
      let chosen = Array(sorted[position..<position + size])
      let score = chosen.reduce(0) { $0 + (scores[$1] ?? 0) } / Float(size)
      let saved = rule.ordersByMacs ? macsSaved(chosen) : 0
      result.append(
        Block(
          units: chosen, score: score,
          key: rule.allocation == .macsNormalised ? score / Float(max(1, saved)) : score, macsSaved: saved,
          kind: kind))
      position += size
      size = lanes
    }
    return result
  }

  /// Width that must become a multiple of the lanes: of the whole layer if one kind fills it (units that may not go still
  /// occupy lanes), else of the kind.
  private func kindWidth(_ node: Int, _ members: [Int]) -> Int {
    let present = units.outputUnits[node]
    let kinds = Set(present.map { units.producers[Int($0)].map(\.node) })
    return kinds.count == 1 ? present.count : members.count
  }

  private func macsSaved(_ chosen: [Int]) -> Int {
    var smaller = widths
    for unit in chosen {
      for place in occurrences[unit] { smaller[place.node] -= place.times }
    }
    return units.widths.macs(widths: widths) - units.widths.macs(widths: smaller)
  }

  private func respectsFloor(_ block: Block) -> Bool {
    var loss: [Int: Int] = [:]
    for unit in block.units {
      for row in units.producers[unit] { loss[Int(row.node), default: 0] += 1 }
    }
    return loss.allSatisfy { node, count in
      let original = limits.originalWidths[units.nodeNames[node]] ?? units.outputUnits[node].count
      return (filters[node] ?? 0) - count >= rule.floor(original: original)
    }
  }

  private mutating func remove(_ block: Block, scores: [Int: Float]) {
    for unit in block.units {
      for place in occurrences[unit] { widths[place.node] -= place.times }
      for row in units.producers[unit] { filters[Int(row.node), default: 0] -= 1 }
      removed.append((unit, scores[unit]))
    }
  }
}

/// How many units may still go, in all or per kind.
private struct Budget {
  private var remaining: Int
  private var perKind: [Int]?
  private var isUntouched = true
  private let wholeBlocks: Bool

  init(rule: RemovalRule, total: Int, kinds: [Int]) {
    wholeBlocks = (rule.roundTo ?? 1) > 1
    let fraction = rule.strategy.fraction
    // Rounded first: 0.1 · 70 is 7, although the product of the two doubles may lie below.
    func share(_ count: Int) -> Int { Int((fraction.map { $0 * Double(count) } ?? Double(count)) + 1e-9) }
    remaining = share(total)
    perKind = rule.allocation == .uniform ? kinds.map(share) : nil
  }

  /// Whole-lane blocks may overshoot once, or narrow limits would stop the pruning of wide lanes forever.
  func allows(_ count: Int, kind: Int) -> Bool {
    let left = perKind?[kind] ?? remaining
    return count <= left || (wholeBlocks && isUntouched && left > 0)
  }

  mutating func take(_ count: Int, kind: Int) {
    remaining -= count
    perKind?[kind] -= count
    isUntouched = false
  }
}
