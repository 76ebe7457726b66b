import TinyTensor

/// A vision network as a value: a named layer graph together with its tensors. A copy is a snapshot.
///
/// The structure is always valid: every initialiser and every edit checks names, order, input counts and shapes, and
/// throws without changing anything if something does not fit. The last node is the output (the logits). Shapes are per
/// image, without the batch dimension: `[height, width, channels]` for maps and `[features]` for vectors.
public struct Network: Sendable {
  /// Name of the architecture, e.g. `"resnet20"`.
  public var name: String
  /// Shape of one image, `[height, width, channels]`.
  public let inputShape: [Int]
  /// The layers in topological order; the first is `.input`, the last is the output.
  public internal(set) var nodes: [Node]
  /// All tensors by name, in PyTorch's layouts (convolution `[out, in / groups, kh, kw]`, linear `[out, in]`): trainable
  /// ones and the running statistics of batch normalisation.
  public var parameters: [String: Tensor]
  /// Names of trainable parameters that training must leave alone (a whitening stem, fixed batch-norm scales).
  public var frozenParameters: Set<String>
  /// Free text that travels with the file: normalisation, data set, history.
  public var metadata: [String: String]

  var indexByName: [String: Int]
  var shapeByName: [String: [Int]]

  /// Creates a network from a complete node list.
  /// - Parameters:
  ///   - nodes: layers in topological order, beginning with the `.input` node.
  ///   - parameters: all tensors; what is absent gets its default (batch-norm scale and variance 1, everything else 0).
  ///     Names that no node owns are dropped.
  /// - Throws: ``NetworkError`` for a malformed graph or a tensor of the wrong shape.
  public init(
    name: String, inputShape: [Int], nodes: [Node], parameters: [String: Tensor] = [:],
    frozenParameters: Set<String> = [], metadata: [String: String] = [:]
  ) throws(NetworkError) {
    guard inputShape.count == 3, inputShape.allSatisfy({ (1...65_536).contains($0) }) else {
      throw .invalidBatch(expected: [32, 32, 3], got: inputShape)
    }
    self.name = name
    self.inputShape = inputShape
    self.nodes = nodes
    self.metadata = metadata
    self.parameters = [:]
    (indexByName, shapeByName) = try Self.infer(name: name, nodes: nodes, inputShape: inputShape)
    let specifications = nodes.flatMap(\.parameterSpecifications)
    self.frozenParameters = frozenParameters.intersection(specifications.map(\.name))
    self.parameters = try Self.complete(parameters, specifications)
  }

  /// The node of that name.
  public func node(named name: String) -> Node? {
    indexByName[name].map { nodes[$0] }
  }

  /// The nodes that read the output of `name`, in order.
  public func consumers(of name: String) -> [Node] {
    nodes.filter { $0.inputs.contains(name) }
  }

  /// Name of the node whose output is the network's output.
  public var outputName: String { nodes[nodes.count - 1].name }

  /// Output shape of every node for one image, by node name.
  public func shapes() -> [String: [Int]] { shapeByName }

  /// Output shape of one node for one image.
  public func shape(of name: String) -> [Int]? { shapeByName[name] }

  /// Number of classes: the length of the output.
  public var classes: Int { shapeByName[outputName]?.reduce(1, *) ?? 0 }

  /// All tensors the graph needs, in graph order.
  public var parameterSpecifications: [ParameterSpecification] {
    nodes.flatMap(\.parameterSpecifications)
  }

  /// Number of trainable scalars (weights, biases, batch-norm scales and shifts; frozen ones counted too).
  public var parameterCount: Int {
    parameterSpecifications.reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) }
  }

  /// Checks that ``parameters`` holds exactly the tensors the graph needs, with the right shapes and finite values.
  /// - Throws: ``NetworkError/parameters(_:)`` with every problem found.
  public func validateParameters() throws(NetworkError) {
    let problems = Self.problems(in: parameters, for: parameterSpecifications)
    guard problems.isEmpty else { throw .parameters(problems) }
  }

  // MARK: - Checks

  static func infer(
    name: String, nodes: [Node], inputShape: [Int]
  ) throws(NetworkError) -> (index: [String: Int], shapes: [String: [Int]]) {
    guard let first = nodes.first, case .input = first.op, first.inputs.isEmpty else {
      throw .missingInput(network: name)
    }
    var index: [String: Int] = [:]
    var shapes: [String: [Int]] = [:]
    index.reserveCapacity(nodes.count)
    shapes.reserveCapacity(nodes.count)
    for (position, node) in nodes.enumerated() {
      guard index.updateValue(position, forKey: node.name) == nil else { throw .duplicateNode(node.name) }
      if case .input = node.op {
        guard position == 0 else { throw .missingInput(network: name) }
        shapes[node.name] = inputShape
        continue
      }
      shapes[node.name] = try shape(of: node, among: shapes)
    }
    try checkSize(nodes)
    return (index, shapes)
  }

  static func shape(of node: Node, among shapes: [String: [Int]]) throws(NetworkError) -> [Int] {
    var inputs: [[Int]] = []
    for input in node.inputs {
      guard let shape = shapes[input] else { throw .unknownNode(input, referencedBy: node.name) }
      inputs.append(shape)
    }
    let shape = try node.op.outputShape(inputs: inputs, node: node.name)
    guard let count = elements(shape), count <= maximumElements else {
      throw .invalidAttribute(node: node.name, detail: "its output of shape \(shape) is too large")
    }
    return shape
  }

  /// Most scalars in one activation or in all tensors together; an architecture read from a file may claim anything.
  private static let maximumElements = 1 << 31

  private static func checkSize(_ nodes: [Node]) throws(NetworkError) {
    var total = 0
    for node in nodes {
      for specification in node.parameterSpecifications {
        guard let count = elements(specification.shape), count <= maximumElements - total else {
          throw .invalidAttribute(node: node.name, detail: "its tensor \(specification.name) is too large")
        }
        total += count
      }
    }
  }

  private static func elements(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, extent >= 0 else { return nil }
      count = product
    }
    return count
  }

  static func complete(
    _ given: [String: Tensor], _ specifications: [ParameterSpecification]
  ) throws(NetworkError) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    result.reserveCapacity(specifications.count)
    var problems: [NetworkError.ParameterProblem] = []
    for specification in specifications {
      if let tensor = given[specification.name] {
        if tensor.shape != specification.shape {
          problems.append(.wrongShape(specification.name, expected: specification.shape, got: tensor.shape))
        }
        result[specification.name] = tensor
      } else {
        result[specification.name] = specification.defaultValue
      }
    }
    guard problems.isEmpty else { throw .parameters(problems) }
    return result
  }

  static func problems(
    in tensors: [String: Tensor], for specifications: [ParameterSpecification]
  ) -> [NetworkError.ParameterProblem] {
    var problems: [NetworkError.ParameterProblem] = []
    var unexpected = Set(tensors.keys)
    for specification in specifications {
      unexpected.remove(specification.name)
      guard let tensor = tensors[specification.name] else {
        problems.append(.missing(specification.name))
        continue
      }
      if tensor.shape != specification.shape {
        problems.append(.wrongShape(specification.name, expected: specification.shape, got: tensor.shape))
      } else if !tensor.isFinite {
        problems.append(.notFinite(specification.name, index: tensor.scalars.firstIndex { !$0.isFinite } ?? 0))
      }
    }
    return problems + unexpected.sorted().map { .unexpected($0) }
  }
}

extension ParameterSpecification {
  /// The value before initialisation: scale and variance 1, everything else 0.
  var defaultValue: Tensor {
    switch role {
    case .scale, .runningVariance: Tensor(repeating: 1, shape: shape)
    default: Tensor(zeros: shape)
    }
  }
}
