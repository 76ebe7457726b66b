import TinyTensor

extension Network {
  /// Adds a node at the end; it becomes the output. Its parameters start at their defaults.
  public mutating func append(_ node: Node) throws(NetworkError) {
    guard indexByName[node.name] == nil else { throw .duplicateNode(node.name) }
    if case .input = node.op { throw .missingInput(network: name) }
    let shape = try Self.shape(of: node, among: shapeByName)
    shapeByName[node.name] = shape
    indexByName[node.name] = nodes.count
    nodes.append(node)
    for specification in node.parameterSpecifications {
      parameters[specification.name] = specification.defaultValue
    }
  }

  /// Gives a node another operation in place.
  ///
  /// Tensors of the node whose name and shape stay the same are kept, others are dropped or start at their defaults;
  /// `parameters` overrides both (full names). Downstream shapes must still fit; to change several widths at once, build a
  /// new network with ``rewritten(_:parameters:)``.
  public mutating func replace(
    _ name: String, with op: Node.Operation, parameters newParameters: [String: Tensor] = [:]
  ) throws(NetworkError) {
    guard let index = indexByName[name] else { throw .unknownNode(name, referencedBy: "replace") }
    var edited = nodes
    edited[index].op = op
    let specifications = edited[index].parameterSpecifications
    let kept = parameters.filter { entry in
      specifications.first { $0.name == entry.key }.map { $0.shape == entry.value.shape } ?? true
    }
    self = try rewritten(edited, parameters: kept.merging(newParameters) { $1 })
  }

  /// Puts a single-input node behind `name`: everything that read `name` now reads the new node.
  public mutating func insert(_ node: Node, after name: String) throws(NetworkError) {
    guard let index = indexByName[name] else { throw .unknownNode(name, referencedBy: "insert") }
    var edited = nodes
    for position in edited.indices where position > index {
      edited[position].inputs = edited[position].inputs.map { $0 == name ? node.name : $0 }
    }
    edited.insert(Node(name: node.name, op: node.op, inputs: [name]), at: index + 1)
    self = try rewritten(edited, parameters: parameters)
  }

  /// Takes out a single-input node: everything that read it now reads its input.
  public mutating func remove(_ name: String) throws(NetworkError) {
    guard let index = indexByName[name] else { throw .unknownNode(name, referencedBy: "remove") }
    guard nodes[index].inputs.count == 1 else {
      throw .wrongInputCount(node: name, expected: "1, to be removable", got: nodes[index].inputs.count)
    }
    let source = nodes[index].inputs[0]
    var edited = nodes
    edited.remove(at: index)
    for position in edited.indices {
      edited[position].inputs = edited[position].inputs.map { $0 == name ? source : $0 }
    }
    self = try rewritten(edited, parameters: parameters)
  }

  /// Drops every node that does not lead to the output, with its tensors. The input always stays.
  public mutating func removeUnusedNodes() throws(NetworkError) {
    var needed: Set<String> = [nodes[0].name, outputName]
    for node in nodes.reversed() where needed.contains(node.name) {
      needed.formUnion(node.inputs)
    }
    guard needed.count < nodes.count else { return }
    self = try rewritten(nodes.filter { needed.contains($0.name) }, parameters: parameters)
  }

  /// A new network with this one's name, input and metadata, but other nodes and tensors.
  /// - Parameter parameters: tensors by name; what no node owns is dropped, what is absent starts at its default.
  public func rewritten(_ nodes: [Node], parameters: [String: Tensor]) throws(NetworkError) -> Network {
    try Network(
      name: name, inputShape: inputShape, nodes: nodes, parameters: parameters, frozenParameters: frozenParameters,
      metadata: metadata)
  }

  /// The same graph and tensors for images of another size (fails where a linear layer depends on the size).
  public func resized(to inputShape: [Int]) throws(NetworkError) -> Network {
    try Network(
      name: name, inputShape: inputShape, nodes: nodes, parameters: parameters, frozenParameters: frozenParameters,
      metadata: metadata)
  }

  /// Replaces the placeholders of custom operations that were read from a file.
  /// - Parameter factories: for each ``CustomOperation/kind``, what builds it from its configuration (JSON text).
  /// - Throws: ``NetworkError/unresolvedOperation(node:kind:)`` for the first kind without a factory.
  public static func resolvingCustomOperations(
    in nodes: [Node], _ factories: [String: CustomOperationFactory]
  ) throws(NetworkError) -> [Node] {
    var resolved = nodes
    for index in resolved.indices {
      guard case .custom(let operation) = resolved[index].op, operation is UnresolvedOperation else { continue }
      guard let factory = factories[operation.kind] else {
        throw .unresolvedOperation(node: resolved[index].name, kind: operation.kind)
      }
      do {
        resolved[index].op = .custom(try factory(operation.configuration))
      } catch {
        throw error.located(at: resolved[index].name)
      }
    }
    return resolved
  }
}

/// Builds a custom operation from its configuration (JSON text).
public typealias CustomOperationFactory =
  @Sendable (_ configuration: String) throws(NetworkError) -> any CustomOperation
