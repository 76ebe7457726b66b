import VisionModels

/// The channel slots that every edge of a network carries (section 2.7): convolutions and linear layers create fresh slots,
/// normalisation, activations and pooling pass them on, an addition joins them one by one, a concatenation lines them up, the
/// option-A shortcut puts constant-zero slots around, flattening repeats each slot once per pixel.
struct ChannelSlots: Sendable {
  /// Slots of the output features of every node, in the order of `Network.nodes`.
  private(set) var outputs: [[Int32]] = []
  /// Positions of the input nodes of every node.
  private(set) var inputs: [[Int]] = []
  /// Which slots belong together.
  private(set) var sets = DisjointSets()
  /// Slots that must stay: the image's channels, the logits, whatever the caller pins.
  private(set) var pinned: [Int32] = []
  /// Slots that pass through an addition or come from a constant-zero channel: part of a residual stream.
  private(set) var streamed: [Int32] = []
  /// Whether a node's input is the image itself, up to operations without channels of their own.
  private(set) var readsImage: [Bool] = []

  /// Follows the channels through the network.
  /// - Parameter pins: nodes whose output channels must stay; required for custom operations.
  /// - Throws: ``PruneError/unsupportedNode(_:kind:)``, ``PruneError/unknownLayer(_:known:)``,
  ///   ``PruneError/disconnectedNode(_:)``.
  init(_ network: Network, pinning pins: Set<String>) throws(PruneError) {
    var position: [String: Int] = [:]
    for (index, node) in network.nodes.enumerated() { position[node.name] = index }
    if let unknown = pins.subtracting(position.keys).min() {
      throw .unknownLayer(unknown, known: network.nodes.map(\.name))
    }
    for node in network.nodes {
      let sources = node.inputs.compactMap { position[$0] }
      inputs.append(sources)
      let created = try follow(node, sources: sources, network: network, isPinned: pins.contains(node.name))
      outputs.append(created)
      if pins.contains(node.name) { pinned += created }
    }
    pinned += outputs[outputs.count - 1]
    try checkConnected(network)
  }

  private mutating func follow(
    _ node: Node, sources: [Int], network: Network, isPinned: Bool
  ) throws(PruneError) -> [Int32] {
    let first = sources.first.map { outputs[$0] } ?? []
    var seesImage = sources.contains { readsImage[$0] }
    defer { readsImage.append(seesImage) }
    switch node.op {
    case .input:
      let slots = sets.makeSets(network.inputShape[2])
      pinned += slots
      seesImage = true
      return slots
    case .conv2d(let conv):
      seesImage = false
      let slots = sets.makeSets(conv.outputChannels)
      if conv.groups > 1 { tieGroups(conv, inputs: first, outputs: slots) }
      return slots
    case .linear(let linear):
      seesImage = false
      return sets.makeSets(linear.outputFeatures)
    case .batchNorm, .relu, .relu6, .gelu, .silu, .sigmoid, .hardSigmoid, .tanh, .leakyReLU, .maxPool, .avgPool,
      .globalAveragePool, .dropout, .identity, .zero, .scale:
      return first
    case .flatten:
      guard let shape = network.shape(of: node.inputs[0]), shape.count == 3 else { return first }
      return first.flatMap { Array(repeating: $0, count: shape[0] * shape[1]) }
    case .add:
      for source in sources.dropFirst() {
        for (a, b) in zip(first, outputs[source]) { sets.union(a, b) }
      }
      streamed += first
      return first
    case .concat:
      return sources.flatMap { outputs[$0] }
    case .padShortcut(let pad):
      let before = sets.makeSets(pad.before)
      let after = sets.makeSets(pad.after)
      streamed += before + after
      return before + first + after
    case .custom(let operation):
      guard isPinned else { throw .unsupportedNode(node.name, kind: operation.kind) }
      for source in sources { pinned += outputs[source] }
      seesImage = false
      return sets.makeSets(network.shape(of: node.name)?.last ?? 0)
    }
  }

  /// Grouped convolutions lose whole groups: the inputs and outputs of a group become one set (for a depthwise convolution
  /// that is one input with its output).
  private mutating func tieGroups(_ conv: Conv2d, inputs: [Int32], outputs: [Int32]) {
    let inputsPerGroup = conv.inputChannels / conv.groups
    let outputsPerGroup = conv.outputChannels / conv.groups
    for group in 0..<conv.groups {
      let anchor = outputs[group * outputsPerGroup]
      for offset in 0..<inputsPerGroup { sets.union(anchor, inputs[group * inputsPerGroup + offset]) }
      for offset in 1..<max(1, outputsPerGroup) { sets.union(anchor, outputs[group * outputsPerGroup + offset]) }
    }
  }

  private func checkConnected(_ network: Network) throws(PruneError) {
    var reaches = [Bool](repeating: false, count: network.nodes.count)
    reaches[network.nodes.count - 1] = true
    for index in network.nodes.indices.reversed() where reaches[index] {
      for source in inputs[index] { reaches[source] = true }
    }
    if let dead = reaches.firstIndex(of: false) { throw .disconnectedNode(network.nodes[dead].name) }
  }
}
