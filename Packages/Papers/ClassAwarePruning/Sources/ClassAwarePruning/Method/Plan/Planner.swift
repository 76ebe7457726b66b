import VisionModels

/// What bounds a plan beside its rule.
public struct PlanLimits: Sendable {
  /// Round of pruning, from 0; selects the threshold of a ramp.
  public var round = 0
  /// Number of classes N; scores of other criteria need none if the strategy has no threshold.
  public var classes: Int?
  /// Stop as soon as the network has at most so many multiply-accumulates.
  public var targetMacs: Int?
  /// Widths of the layers before any pruning, for the floor; layers that are absent count as unpruned.
  public var originalWidths: [String: Int] = [:]
  /// Units that must stay, e.g. because a class contract needs them.
  public var protected: Set<Int> = []

  /// Creates limits; by default none.
  public init(
    round: Int = 0, classes: Int? = nil, targetMacs: Int? = nil, originalWidths: [String: Int] = [:],
    protected: Set<Int> = []
  ) {
    self.round = round
    self.classes = classes
    self.targetMacs = targetMacs
    self.originalWidths = originalWidths
    self.protected = protected
  }
}

extension RemovalRule {
  /// Chooses what to remove.
  /// - Parameters:
  ///   - scores: importance of every filter, by layer; low means removable.
  ///   - units: the closure of `network`.
  /// - Returns: the plan; empty if nothing may go.
  /// - Throws: ``PruneError/nothingPrunable(_:)`` if the scope is empty, ``PruneError/unknownLayer(_:known:)`` if a layer
  ///   has no scores, ``PruneError/shapeMismatch(_:)``, ``PruneError/notFinite(layer:what:)``.
  public func plan(
    _ network: Network, scores: [String: [Float]], units: ChannelUnits, limits: PlanLimits = PlanLimits()
  ) throws(PruneError) -> PruningPlan {
    try validate()
    let prunable = units.prunable(scope: scope, pruneFirst: pruneFirst)
    guard !prunable.isEmpty else {
      throw .nothingPrunable(
        "no unit of \(network.name) is in scope \(scope.rawValue); try --scope all or --prune-first")
    }
    var selection = Selection(rule: self, units: units, limits: limits)
    let unitScores = try self.unitScores(prunable, scores: scores, units: units)
    try selection.run(prunable.filter { !limits.protected.contains($0) }, scores: unitScores, total: prunable.count)
    return PruningPlan(network, units: units, removing: selection.removed, rule: description)
  }

  /// One line for plans and reports.
  public var description: String {
    var parts = ["\(strategy)", "scope \(scope.rawValue)", "min-keep \(minKeep)"]
    if allocation != .global { parts.append("allocation \(allocation.rawValue)") }
    if let roundTo { parts.append("round to \(roundTo)") }
    return parts.joined(separator: ", ")
  }

  /// Score of every prunable unit.
  func unitScores(
    _ prunable: [Int], scores: [String: [Float]], units: ChannelUnits
  ) throws(PruneError) -> [Int: Float] {
    for node in units.producingNodes {
      let name = units.nodeNames[node]
      guard let layer = scores[name] else { continue }
      guard layer.count == units.outputUnits[node].count else {
        throw .shapeMismatch("layer \(name) has \(units.outputUnits[node].count) filters, but \(layer.count) scores")
      }
      guard layer.allSatisfy(\.isFinite) else { throw .notFinite(layer: name, what: "a score") }
    }
    var result: [Int: Float] = [:]
    result.reserveCapacity(prunable.count)
    for unit in prunable {
      let values = units.producers[unit].compactMap { row in
        scores[units.nodeNames[Int(row.node)]].map { $0[Int(row.channel)] }
      }
      guard let highest = values.max() else {
        throw .unknownLayer(
          units.unit(unit).producers.first?.layer ?? "?", known: scores.keys.sorted())
      }
      let sum = values.reduce(0, +)
      result[unit] =
        switch combination {
        case .maximum: highest
        case .mean: sum / Float(values.count)
        case .sum: sum
        }
    }
    return result
  }
}
