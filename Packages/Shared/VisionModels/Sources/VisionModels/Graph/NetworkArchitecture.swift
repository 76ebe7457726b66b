/// The structure of a ``Network`` without its tensors, as it is written into checkpoint files: from it alone a network of
/// any widths (a pruned one, say) is rebuilt.
public struct NetworkArchitecture: Sendable, Equatable, Codable {
  /// Version of the format.
  public var version = 1
  /// Name of the architecture.
  public var name: String
  /// Shape of one image, `[height, width, channels]`.
  public var inputShape: [Int]
  /// The layers in topological order.
  public var nodes: [Node]
  /// Trainable parameters that stay fixed, sorted.
  public var frozen: [String]

  /// Takes the structure of a network.
  public init(_ network: Network) {
    name = network.name
    inputShape = network.inputShape
    nodes = network.nodes
    frozen = network.frozenParameters.sorted()
  }

  /// Rebuilds the network, with all tensors at their defaults.
  /// - Parameter customOperations: builders of the custom operations that occur, by kind.
  /// - Throws: ``NetworkError`` if the structure is not a valid graph.
  public func network(customOperations: [String: CustomOperationFactory] = [:]) throws(NetworkError) -> Network {
    guard version == 1 else {
      throw .invalidModel("architecture version \(version) is newer than this program understands (1); update it")
    }
    return try Network(
      name: name, inputShape: inputShape,
      nodes: Network.resolvingCustomOperations(in: nodes, customOperations), frozenParameters: Set(frozen))
  }
}
