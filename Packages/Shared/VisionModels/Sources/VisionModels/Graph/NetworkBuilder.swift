/// Collects nodes in order; the helpers return the new node's name, so that layers chain as expressions.
public struct NetworkBuilder {
  /// The nodes so far, beginning with the input.
  public private(set) var nodes: [Node]
  /// Name of the input node.
  public let input: String

  /// Starts with an input node.
  public init(input: String = "input") {
    self.input = input
    nodes = [Node(name: input, op: .input, inputs: [])]
  }

  /// Adds a node and returns its name.
  @discardableResult
  public mutating func add(_ name: String, _ op: Node.Operation, _ inputs: String...) -> String {
    add(name, op, inputs)
  }

  /// Adds a node and returns its name.
  @discardableResult
  public mutating func add(_ name: String, _ op: Node.Operation, _ inputs: [String]) -> String {
    nodes.append(Node(name: name, op: op, inputs: inputs))
    return name
  }

  /// Adds a "same"-padded convolution (odd kernels) and returns its name.
  public mutating func convolution(
    _ name: String, _ input: String, from inputChannels: Int, to outputChannels: Int, kernel: Int, stride: Int = 1,
    bias: Bool = false
  ) -> String {
    add(
      name,
      .conv2d(
        Conv2d(
          inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel, stride: stride,
          padding: kernel / 2, bias: bias)),
      input)
  }

  /// Adds a batch normalisation and returns its name.
  public mutating func batchNorm(_ name: String, _ input: String, channels: Int) -> String {
    add(name, .batchNorm(BatchNorm(channels: channels)), input)
  }

  /// Checks the graph and makes the network, with all tensors at their defaults.
  public func build(
    name: String, inputShape: [Int], frozenParameters: Set<String> = [], metadata: [String: String] = [:]
  ) throws(NetworkError) -> Network {
    try Network(
      name: name, inputShape: inputShape, nodes: nodes, frozenParameters: frozenParameters, metadata: metadata)
  }
}
