import TinyNN
import TinyTensor

/// A network compiled for inference: folded, fused, scheduled, weights packed.
struct InferencePlan: Sendable {
  /// One fused kernel call.
  struct Step: Sendable {
    /// Names of the nodes computed, in graph order.
    var nodes: [String]
    var kernel: Kernel
    /// Slots read.
    var inputs: [Int]
    /// Slot written.
    var output: Int
    /// Slots whose value nobody reads afterwards; their buffers go back to the pool.
    var releases: [Int] = []
    /// Multiply-accumulates for one image.
    var macs: Int
  }

  /// What a step computes.
  enum Kernel: Sendable {
    /// Convolution + bias (+ second input) (+ ReLU).
    case convolution(PackedConv, relu: Bool)
    /// `x · weightᵀ + bias` (+ ReLU).
    case linear(weight: Tensor, bias: Tensor?, relu: Bool)
    /// A batch norm that could not be folded (+ ReLU).
    case affine(mean: Tensor, inverse: Tensor, scale: Tensor, shift: Tensor, relu: Bool)
    /// Sum (+ ReLU).
    case add(relu: Bool)
    /// An operation without parameters.
    case plain(Node.Operation)
    /// Another package's operation with its tensors.
    case custom(any CustomOperation, node: String, parameters: [String: Tensor])
  }

  let steps: [Step]
  let slots: Int
  let input: Int
  let output: Int

  /// Floats of the largest step for one image, everything it reads and writes.
  let floatsPerImage: Int

  /// Compiles a network.
  init(_ network: Network, algorithm: ConvAlgorithm) throws(NetworkError) {
    let folded = try network.foldingBatchNorms()
    let order = Self.schedule(folded)
    floatsPerImage =
      folded.nodes.map { node in
        ([node.name] + node.inputs).reduce(0) { $0 + (folded.shape(of: $1) ?? []).reduce(1, *) }
      }.max() ?? 1
    var builder = PlanBuilder(folded, order, algorithm)
    for index in order.indices { try builder.compile(index) }
    (steps, slots, input, output) = builder.finish()
  }

  /// Topological order that computes cheap operations as early as possible, so that a residual is there when the
  /// convolution it is added to runs.
  private static func schedule(_ network: Network) -> [Node] {
    let cheapFirst = network.nodes.indices.sorted { a, b in
      (network.nodes[a].op.isMatrixProduct ? 1 : 0, a) < (network.nodes[b].op.isMatrixProduct ? 1 : 0, b)
    }
    var pending = network.nodes.map { Set($0.inputs) }
    var done: [Node] = []
    var remaining = cheapFirst
    while let position = remaining.firstIndex(where: { pending[$0].isEmpty }) {
      let node = network.nodes[remaining.remove(at: position)]
      done.append(node)
      for index in pending.indices { pending[index].remove(node.name) }
    }
    return done
  }
}

extension Node.Operation {
  var isMatrixProduct: Bool {
    switch self {
    case .conv2d, .linear, .custom: true
    default: false
    }
  }
}

/// Turns scheduled nodes into steps, fusing as it goes.
private struct PlanBuilder {
  private let network: Network
  private let order: [Node]
  private let algorithm: ConvAlgorithm
  private let position: [String: Int]
  private let readers: [String: [String]]
  private var slotOf: [String: Int] = [:]
  private var fused: Set<String> = []
  private var shared: [String: Int] = [:]
  private var steps: [InferencePlan.Step] = []
  private var slots = 0

  init(_ network: Network, _ order: [Node], _ algorithm: ConvAlgorithm) {
    self.network = network
    self.algorithm = algorithm
    self.order = order
    position = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.name, $0) })
    var readers: [String: [String]] = [:]
    for node in order { for input in node.inputs { readers[input, default: []].append(node.name) } }
    self.readers = readers
  }

  mutating func compile(_ index: Int) throws(NetworkError) {
    let node = order[index]
    guard !fused.contains(node.name) else { return }
    var nodes = [node.name]
    var inputs = node.inputs.compactMap { slotOf[$0] }
    let kernel: InferencePlan.Kernel
    switch node.op {
    case .input:
      slotOf[node.name] = newSlot()
      return
    case .conv2d(let conv):
      if let (add, other) = residual(of: node), let slot = slotOf[other] {
        nodes.append(add)
        inputs.append(slot)
      }
      let relu = takeReLU(&nodes)
      kernel = .convolution(
        PackedConv(
          weight: try tensor(node, "weight"), bias: conv.bias ? try tensor(node, "bias") : nil, stride: conv.stride,
          padding: conv.padding, dilation: conv.dilation, groups: conv.groups,
          algorithm: resolvedAlgorithm(conv, input: network.shape(of: node.inputs[0]) ?? [])), relu: relu)
    case .linear(let linear):
      kernel = .linear(
        weight: try tensor(node, "weight"), bias: linear.bias ? try tensor(node, "bias") : nil, relu: takeReLU(&nodes))
    case .batchNorm(let norm):
      let inverse = try tensor(node, "running_var").map { 1 / ($0 + norm.epsilon).squareRoot() }
      kernel = .affine(
        mean: try tensor(node, "running_mean"), inverse: inverse, scale: try tensor(node, "weight"),
        shift: try tensor(node, "bias"), relu: takeReLU(&nodes))
    case .add:
      kernel = .add(relu: takeReLU(&nodes))
    case .custom(let operation):
      var parameters: [String: Tensor] = [:]
      for specification in operation.parameterSpecifications {
        parameters[specification.name] = try tensor(node, specification.name)
      }
      kernel = .custom(operation, node: node.name, parameters: parameters)
    default:
      let key = "\(node.op)|\(inputs)"
      if let slot = shared[key] {
        slotOf[node.name] = slot
        return
      }
      shared[key] = slots
      kernel = .plain(node.op)
    }
    emit(nodes, kernel, inputs)
  }

  private mutating func emit(_ nodes: [String], _ kernel: InferencePlan.Kernel, _ inputs: [Int]) {
    let output = newSlot()
    for name in nodes { slotOf[name] = output }
    fused.formUnion(nodes)
    let macs = nodes.reduce(0) { total, name in
      guard let node = network.node(named: name) else { return total }
      return total
        + node.op.macs(
          inputs: node.inputs.map { network.shape(of: $0) ?? [] }, output: network.shape(of: name) ?? [])
    }
    steps.append(InferencePlan.Step(nodes: nodes, kernel: kernel, inputs: inputs, output: output, macs: macs))
  }

  /// The algorithm for a layer's image size, so that weights are packed for that way alone.
  private func resolvedAlgorithm(_ conv: Conv2d, input: [Int]) -> ConvAlgorithm {
    let geometry = try? ConvGeometry(
      input: [1] + input,
      weight: [conv.outputChannels, conv.inputChannels / conv.groups, conv.kernel, conv.kernel],
      stride: conv.stride, padding: conv.padding, dilation: conv.dilation, groups: conv.groups)
    return geometry.map { algorithm.resolved(for: $0) } ?? .direct
  }

  private mutating func newSlot() -> Int {
    slots += 1
    return slots - 1
  }

  /// The sum behind a convolution, if the convolution's value goes nowhere else and the other operand is there already.
  private func residual(of node: Node) -> (add: String, other: String)? {
    guard let reader = onlyReader(node.name), let sum = network.node(named: reader), case .add = sum.op,
      sum.inputs.count == 2, let other = sum.inputs.first(where: { $0 != node.name }), slotOf[other] != nil
    else { return nil }
    return (reader, other)
  }

  /// Appends the ReLU behind the last node, if nothing else reads that node.
  private func takeReLU(_ nodes: inout [String]) -> Bool {
    guard let last = nodes.last, let reader = onlyReader(last), case .relu? = network.node(named: reader)?.op else {
      return false
    }
    nodes.append(reader)
    return true
  }

  private func onlyReader(_ name: String) -> String? {
    guard name != network.outputName, let all = readers[name], all.count == 1 else { return nil }
    return all[0]
  }

  private func tensor(_ node: Node, _ local: String) throws(NetworkError) -> Tensor {
    guard let tensor = network.parameters["\(node.name).\(local)"] else {
      throw .parameters([.missing("\(node.name).\(local)")])
    }
    return tensor
  }

  /// Adds buffer release points.
  func finish() -> ([InferencePlan.Step], Int, input: Int, output: Int) {
    let output = slotOf[network.outputName] ?? 0
    var released: Set<Int> = [output]
    var result = steps
    for index in result.indices.reversed() {
      for slot in Set(result[index].inputs + [result[index].output]).sorted() where released.insert(slot).inserted {
        result[index].releases.append(slot)
      }
    }
    return (result, slots, slotOf[order[0].name] ?? 0, output)
  }
}
