import VisionModels

/// Which units one round removes, given their scores (section 2.5).
public struct RemovalRule: Sendable, Hashable, Codable {
  /// How the scores of a unit's layers become the unit's score.
  public enum Combination: String, Sendable, Codable, CaseIterable {
    /// Important anywhere means kept.
    case maximum
    /// Mean over the producing layers.
    case mean
    /// Sum over the producing layers.
    case sum
  }

  /// How the removals are spread over the layers.
  public enum Allocation: String, Sendable, Codable, CaseIterable {
    /// One order over the whole network.
    case global
    /// The same fraction of every layer.
    case uniform
    /// One order by score per multiply-accumulate that the removal saves.
    case macsNormalised
  }

  /// What decides between equal scores.
  public enum Ties: String, Sendable, Codable, CaseIterable {
    /// Layer order, then filter index.
    case graphOrder
    /// The unit that saves more multiply-accumulates goes first, then graph order.
    case macsSaved
  }

  /// How many candidates go; default: the lowest 10 %, as far as they serve fewer than 0.3·N classes.
  public var strategy: RemovalStrategy
  /// Every layer keeps at least `max(2, ⌈minKeep · original width⌉)` filters.
  public var minKeep: Double
  /// Whether residual streams may be pruned.
  public var scope: PruningScope
  /// Whether layers that read the image may be pruned.
  public var pruneFirst: Bool
  /// Score of a unit with several producing layers.
  public var combination: Combination
  /// How the removals are spread.
  public var allocation: Allocation
  /// Order of equal scores.
  public var ties: Ties
  /// Nodes whose channels must stay; custom operations must be among them.
  public var pins: [String]
  /// Remove filters only in blocks that leave a multiple of this many (the machine's vector lanes); nil for any width.
  public var roundTo: Int?

  /// Creates a rule; the defaults are the specification's.
  public init(
    strategy: RemovalStrategy = .combined(.constant(0.3), 0.1), minKeep: Double = 0.1, scope: PruningScope = .internal,
    pruneFirst: Bool = false, combination: Combination = .maximum, allocation: Allocation = .global,
    ties: Ties = .graphOrder, pins: [String] = [], roundTo: Int? = nil
  ) {
    self.strategy = strategy
    self.minKeep = minKeep
    self.scope = scope
    self.pruneFirst = pruneFirst
    self.combination = combination
    self.allocation = allocation
    self.ties = ties
    self.pins = pins
    self.roundTo = roundTo
  }

  /// Checks the options before any work.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public func validate() throws(PruneError) {
    try strategy.validate()
    guard minKeep >= 0, minKeep <= 1 else {
      throw .invalidOption("minKeep", value: "\(minKeep)", expected: "0 to 1")
    }
    if let roundTo, roundTo < 1 || roundTo > 4096 {
      throw .invalidOption("roundTo", value: "\(roundTo)", expected: "1 to 4096 filters")
    }
  }

  /// Whether the order of removal looks at the multiply-accumulates saved.
  var ordersByMacs: Bool { allocation == .macsNormalised || ties == .macsSaved }

  /// The closure of a network with this rule's pins.
  /// - Throws: ``PruneError/unknownLayer(_:known:)`` for a pin the network does not have, and as
  ///   ``ChannelUnits/init(_:pinning:)``.
  public func units(of network: Network) throws(PruneError) -> ChannelUnits {
    try ChannelUnits(network, pinning: Set(pins))
  }

  /// The fewest filters that a layer of the given original width keeps.
  public func floor(original width: Int) -> Int {
    max(2, Int((minKeep * Double(width)).rounded(.up)))
  }
}
