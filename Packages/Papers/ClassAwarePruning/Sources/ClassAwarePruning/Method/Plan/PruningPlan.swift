import VisionModels

/// Which filters of which layers go, made for one set of weights, with the sizes before and after.
public struct PruningPlan: Sendable, Hashable, Codable {
  /// Why and in which order a unit goes.
  public struct Removal: Sendable, Hashable, Codable {
    /// The unit's first producing channel.
    public let channel: LayerChannel
    /// The unit's score; nil if the plan was given by hand.
    public let score: Float?
  }

  /// Name of the architecture.
  public let network: String
  /// Digest of the weights the plan was made for.
  public let fingerprint: String
  /// What chose the filters, for reports.
  public let rule: String
  /// Nodes that were pinned when the channels were followed; sorted.
  public let pins: [String]
  /// Channels to remove per producing layer, ascending. Closed: tied channels are all there.
  public let remove: [String: [Int]]
  /// The removed units, lowest score first.
  public let order: [Removal]
  /// Filters of every layer that shrinks: before and after.
  public let widths: [String: [Int]]
  /// Size before.
  public let before: NetworkCounts
  /// Size after, computed from the widths alone.
  public let after: NetworkCounts

  /// Whether the plan removes nothing.
  public var isEmpty: Bool { order.isEmpty }

  /// Builds the plan of a set of units.
  init(
    _ network: Network, units: ChannelUnits, removing removed: [(unit: Int, score: Float?)], rule: String
  ) {
    var keep = [Bool](repeating: true, count: units.count)
    var remove: [String: [Int]] = [:]
    for entry in removed {
      keep[entry.unit] = false
      for row in units.producers[entry.unit] {
        remove[units.nodeNames[Int(row.node)], default: []].append(Int(row.channel))
      }
    }
    var widths: [String: [Int]] = [:]
    for (layer, channels) in remove {
      let width = network.node(named: layer).map(Self.width) ?? 0
      widths[layer] = [width, width - channels.count]
    }
    self.network = network.name
    fingerprint = network.fingerprint
    self.rule = rule
    pins = units.pins.sorted()
    self.remove = remove.mapValues { $0.sorted() }
    order = removed.compactMap { entry in
      units.producers[entry.unit].first.map { row in
        Removal(
          channel: LayerChannel(layer: units.nodeNames[Int(row.node)], channel: Int(row.channel)), score: entry.score)
      }
    }
    self.widths = widths
    before = units.counts(keeping: [Bool](repeating: true, count: units.count))
    after = units.counts(keeping: keep)
  }

  /// A plan given by hand.
  /// - Parameter channels: channels to remove per layer. It is enough to name one channel of each unit.
  /// - Throws: ``PruneError/unknownLayer(_:known:)``, ``PruneError/shapeMismatch(_:)`` for indices out of range or pinned
  ///   units, ``PruneError/belowFloor(layer:kept:floor:)`` if a layer would be left empty.
  public init(
    removing channels: [String: [Int]], from network: Network, units: ChannelUnits
  ) throws(PruneError) {
    var chosen: Set<Int> = []
    for (layer, indices) in channels.sorted(by: { $0.key < $1.key }) {
      let owner = try units.units(of: layer)
      for index in indices {
        guard owner.indices.contains(index) else {
          throw .shapeMismatch("layer \(layer) has channels 0 to \(owner.count - 1), the plan names \(index)")
        }
        guard !units.pinned[owner[index]] else {
          throw .shapeMismatch("channel \(index) of \(layer) is pinned (image, logits or --pin) and cannot be removed")
        }
        chosen.insert(owner[index])
      }
    }
    self.init(
      network, units: units, removing: chosen.sorted().map { (unit: $0, score: nil) }, rule: "given")
    try refuseEmptyLayers()
  }

  /// A plan that removes nothing.
  public static func nothing(for network: Network, units: ChannelUnits) -> PruningPlan {
    PruningPlan(network, units: units, removing: [], rule: "nothing")
  }

  func refuseEmptyLayers() throws(PruneError) {
    for (layer, width) in widths.sorted(by: { $0.key < $1.key }) where width[1] < 1 {
      throw .belowFloor(layer: layer, kept: width[1], floor: 1)
    }
  }

  private static func width(_ node: Node) -> Int {
    switch node.op {
    case .conv2d(let conv): conv.outputChannels
    case .linear(let linear): linear.outputFeatures
    default: 0
    }
  }

  /// The mask of a plan over the units of its network.
  /// - Throws: ``PruneError/openUnit(layer:channel:tiedLayer:tiedChannel:)``, ``PruneError/unknownLayer(_:known:)``,
  ///   ``PruneError/shapeMismatch(_:)``.
  func keepMask(_ units: ChannelUnits, allowPinned: Bool = false) throws(PruneError) -> [Bool] {
    var keep = [Bool](repeating: true, count: units.count)
    var listed: Set<LayerChannel> = []
    for (layer, channels) in remove.sorted(by: { $0.key < $1.key }) {
      let owner = try units.units(of: layer)
      for channel in channels {
        guard owner.indices.contains(channel) else {
          throw .shapeMismatch("layer \(layer) has \(owner.count) channels, the plan removes channel \(channel)")
        }
        guard allowPinned || !units.pinned[owner[channel]] else {
          throw .shapeMismatch(
            "channel \(channel) of \(layer) is pinned (image, logits or --pin) and cannot be removed")
        }
        keep[owner[channel]] = false
        listed.insert(LayerChannel(layer: layer, channel: channel))
      }
    }
    for unit in 0..<units.count where !keep[unit] {
      let producers = units.unit(unit).producers
      if let open = producers.first(where: { !listed.contains($0) }),
        let named = producers.first(where: { listed.contains($0) })
      {
        throw .openUnit(
          layer: named.layer, channel: named.channel, tiedLayer: open.layer, tiedChannel: open.channel)
      }
    }
    return keep
  }
}
