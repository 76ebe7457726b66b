import VisionModels

/// One channel of one layer.
public struct LayerChannel: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Name of the layer.
  public let layer: String
  /// Index of the channel, from 0.
  public let channel: Int

  /// Names a channel.
  public init(layer: String, channel: Int) {
    self.layer = layer
    self.channel = channel
  }

  public var description: String { "\(layer):\(channel)" }
}

/// Channels that can only be removed together (one equivalence class of section 2.7).
public struct ChannelUnit: Sendable, Hashable {
  /// Position in ``ChannelUnits/units``: graph order of the first channel.
  public let index: Int
  /// Rows of convolutions and linear layers that compute the channel.
  public let producers: [LayerChannel]
  /// Batch-norm channels the values pass through.
  public let norms: [LayerChannel]
  /// Input columns of convolutions and linear layers that read the channel.
  public let consumers: [LayerChannel]
  /// Whether the unit must stay (image channels, logits, pinned layers).
  public let isPinned: Bool
  /// Whether a single layer computes it and no addition ties it to others (the first convolution of a residual block).
  public let isInternal: Bool
}

/// Which units may be removed.
public enum PruningScope: String, Sendable, Codable, CaseIterable {
  /// Units of a single producing layer inside a block: the first convolution of a basic block, the first two of a
  /// bottleneck, every layer of a VGG.
  case `internal`
  /// Residual streams too.
  case all
}

/// The channel closure of a network: which rows, batch-norm channels and columns go together.
///
/// Built by union-find on the named graph, in time linear in the number of channels.
public struct ChannelUnits: Sendable {
  /// Number of units, including those that must stay.
  public let count: Int
  /// Nodes the caller pinned.
  public let pins: Set<String>
  /// Names of the network's nodes.
  let nodeNames: [String]
  /// Nodes with rows of their own (convolutions, linear layers), as positions in the network.
  let producingNodes: [Int]
  /// Unit of every output feature, per node.
  let outputUnits: [[Int32]]
  /// Positions of the input nodes, per node.
  let inputNodes: [[Int]]
  let producers: UnitLists
  let norms: UnitLists
  let consumers: UnitLists
  let pinned: [Bool]
  let streamed: [Bool]
  /// Units that a layer which reads the image computes.
  let first: [Bool]
  let widths: WidthArithmetic

  /// Follows the channels of a network.
  /// - Parameter pins: nodes whose channels must stay; custom operations must be pinned.
  /// - Throws: ``PruneError`` for operations the closure cannot see through, unknown pins, dead nodes.
  public init(_ network: Network, pinning pins: Set<String> = []) throws(PruneError) {
    var slots = try ChannelSlots(network, pinning: pins)
    let unitOfSlot = slots.numberUnits()
    let count = Int(unitOfSlot.max() ?? -1) + 1
    self.count = count
    self.pins = pins
    outputUnits = slots.outputs.map { $0.map { unitOfSlot[Int($0)] } }
    inputNodes = slots.inputs
    nodeNames = network.nodes.map(\.name)

    var producers = UnitLists.Builder()
    var norms = UnitLists.Builder()
    var consumers = UnitLists.Builder()
    var producing: [Int] = []
    var first = [Bool](repeating: false, count: count)
    for (index, node) in network.nodes.enumerated() {
      switch node.op {
      case .conv2d, .linear:
        producing.append(index)
        let source = slots.inputs[index][0]
        producers.append(outputUnits[index], node: index)
        consumers.append(outputUnits[source], node: index)
        if slots.readsImage[source] {
          for unit in outputUnits[index] { first[Int(unit)] = true }
        }
      case .batchNorm:
        norms.append(outputUnits[index], node: index)
      default: break
      }
    }
    producingNodes = producing
    self.producers = producers.build(units: count)
    self.norms = norms.build(units: count)
    self.consumers = consumers.build(units: count)
    self.first = first
    pinned = Self.flags(slots.pinned, unitOfSlot, count)
    streamed = Self.flags(slots.streamed, unitOfSlot, count)
    widths = WidthArithmetic(network, outputUnits: outputUnits, inputNodes: inputNodes)
  }

  private static func flags(_ slots: [Int32], _ unitOfSlot: [Int32], _ count: Int) -> [Bool] {
    var result = [Bool](repeating: false, count: count)
    for slot in slots { result[Int(unitOfSlot[Int(slot)])] = true }
    return result
  }

  /// One unit by position.
  public func unit(_ index: Int) -> ChannelUnit {
    ChannelUnit(
      index: index, producers: channels(producers[index]), norms: channels(norms[index]),
      consumers: channels(consumers[index]), isPinned: pinned[index], isInternal: isInternal(index))
  }

  /// All units in graph order.
  public var units: [ChannelUnit] { (0..<count).map(unit) }

  /// Layers with channels of their own: convolutions and linear layers, in graph order.
  public var layers: [String] { producingNodes.map { nodeNames[$0] } }

  /// Unit of every output channel of a layer.
  /// - Throws: ``PruneError/unknownLayer(_:known:)``.
  public func units(of layer: String) throws(PruneError) -> [Int] {
    guard let node = producingNodes.first(where: { nodeNames[$0] == layer }) else {
      throw .unknownLayer(layer, known: layers)
    }
    return outputUnits[node].map { Int($0) }
  }

  /// Units that may be removed, in graph order.
  /// - Parameters:
  ///   - scope: whether residual streams count.
  ///   - pruneFirst: whether layers that read the image may lose filters.
  public func prunable(scope: PruningScope, pruneFirst: Bool = false) -> [Int] {
    (0..<count).filter { unit in
      !pinned[unit] && !producers[unit].isEmpty && (pruneFirst || !first[unit])
        && (scope == .all || isInternal(unit))
    }
  }

  /// Layers that are tied to each other by at least one unit, in graph order; logits and pinned layers left out.
  public var groups: [[String]] {
    var sets = DisjointSets()
    _ = sets.makeSets(nodeNames.count)
    var members: Set<Int> = []
    for unit in 0..<count where !pinned[unit] {
      let rows = producers[unit]
      guard let anchor = rows.first else { continue }
      for row in rows {
        sets.union(anchor.node, row.node)
        members.insert(Int(row.node))
      }
    }
    var result: [Int32: [String]] = [:]
    for node in members.sorted() { result[sets.find(Int32(node)), default: []].append(nodeNames[node]) }
    return result.sorted { $0.key < $1.key }.map(\.value)
  }

  func isInternal(_ unit: Int) -> Bool { producers[unit].count == 1 && !streamed[unit] }

  private func channels(_ entries: ArraySlice<UnitLists.Entry>) -> [LayerChannel] {
    entries.map { LayerChannel(layer: nodeNames[Int($0.node)], channel: Int($0.channel)) }
  }
}

extension ChannelSlots {
  /// Numbers the sets of slots in the order of their first slot.
  fileprivate mutating func numberUnits() -> [Int32] {
    var sets = self.sets
    var number = [Int32](repeating: -1, count: sets.count)
    var next: Int32 = 0
    for slot in 0..<Int32(sets.count) {
      let root = sets.find(slot)
      if number[Int(root)] < 0 {
        number[Int(root)] = next
        next += 1
      }
      number[Int(slot)] = number[Int(root)]
    }
    return number
  }
}
