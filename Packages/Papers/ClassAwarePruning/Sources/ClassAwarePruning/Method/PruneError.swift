import VisionModels

/// What can go wrong when a network is scored, planned, rebuilt or pruned.
///
/// ``description`` is one line: what, where, and how to mend it.
public enum PruneError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The channel closure cannot see through an operation.
  case unsupportedNode(String, kind: String)
  /// A node does not lead to the output.
  case disconnectedNode(String)
  /// A layer was named that the network does not have.
  case unknownLayer(String, known: [String])
  /// Nothing in the network may be removed under the given scope.
  case nothingPrunable(String)
  /// Sizes that do not belong together.
  case shapeMismatch(String)
  /// A class has too few images to be scored.
  case notEnoughImages(class: String, have: Int, need: Int)
  /// The data's labels do not fit the network's outputs.
  case badLabels(String)
  /// A weight is NaN or infinite.
  case badWeights(tensor: String, index: Int)
  /// An activation, gradient or loss is NaN or infinite.
  case notFinite(layer: String, what: String)
  /// A plan or a saved state was made for other weights.
  case staleState(String)
  /// A plan removes a channel, but not a channel it is tied to.
  case openUnit(layer: String, channel: Int, tiedLayer: String, tiedChannel: Int)
  /// A plan leaves fewer filters in a layer than the floor allows.
  case belowFloor(layer: String, kept: Int, floor: Int)
  /// An option has an impossible value.
  case invalidOption(String, value: String, expected: String)
  /// A pruned checkpoint's embedded proof does not hold.
  case proofFailed(path: String, detail: String)
  /// A file is not what it should be.
  case invalidFile(path: String, detail: String)
  /// The network itself is at fault.
  case network(NetworkError)

  public var description: String {
    switch self {
    case .unsupportedNode(let node, let kind):
      "node \(node): the channels of a \(kind) operation cannot be followed; pin the node (--pin \(node)) to prune around it"
    case .disconnectedNode(let node):
      "node \(node) does not lead to the output; remove it with Network.removeUnusedNodes()"
    case .unknownLayer(let layer, let known):
      "no such layer: \(layer); the layers are \(Self.list(known))"
    case .nothingPrunable(let detail):
      "nothing can be pruned: \(detail)"
    case .shapeMismatch(let detail):
      "sizes do not agree: \(detail)"
    case .notEnoughImages(let name, let have, let need):
      "class \(name) has \(have) image\(have == 1 ? "" : "s"), scoring needs \(need); add images, lower imagesPerClass, "
        + (have == 0 ? "or drop the class" : "or allow fewer (--allow-fewer)")
    case .badLabels(let detail):
      "labels do not fit the network: \(detail)"
    case .badWeights(let tensor, let index):
      "tensor \(tensor) has a NaN or infinity at flat index \(index); load an intact checkpoint"
    case .notFinite(let layer, let what):
      "layer \(layer): \(what) is NaN or infinite; check the normalisation of the images and the learning rate"
    case .staleState(let detail):
      "made for other weights: \(detail); make it again from this network"
    case .openUnit(let layer, let channel, let tiedLayer, let tiedChannel):
      "the plan removes channel \(channel) of \(layer) but keeps channel \(tiedChannel) of \(tiedLayer), which is tied to it; "
        + "remove both or none (see `units`)"
    case .belowFloor(let layer, let kept, let floor):
      "the plan leaves \(kept) filter\(kept == 1 ? "" : "s") in \(layer), the floor is \(floor); remove fewer or lower minKeep"
    case .invalidOption(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .proofFailed(let path, let detail):
      "\(path): the embedded proof does not hold, \(detail); the file is damaged or was changed, write it again"
    case .invalidFile(let path, let detail):
      // Errors of the floor below name the file already.
      detail.hasPrefix(path) ? detail : "\(path): \(detail)"
    case .network(let error):
      error.description
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).joined(separator: ", ")
    return names.count > 12 ? shown + ", … (\(names.count) in all)" : shown
  }
}

/// Runs `body` and turns the network's error into this package's.
func asPruneError<R>(_ body: () throws(NetworkError) -> R) throws(PruneError) -> R {
  do {
    return try body()
  } catch {
    throw .network(error)
  }
}
