extension Node.Operation {
  /// Stable name of the kind of operation, as written to files.
  public var kind: String {
    switch self {
    case .input: "input"
    case .conv2d: "conv2d"
    case .batchNorm: "batchNorm"
    case .relu: "relu"
    case .relu6: "relu6"
    case .gelu: "gelu"
    case .silu: "silu"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hardSigmoid"
    case .tanh: "tanh"
    case .leakyReLU: "leakyReLU"
    case .maxPool: "maxPool"
    case .avgPool: "avgPool"
    case .globalAveragePool: "globalAveragePool"
    case .flatten: "flatten"
    case .linear: "linear"
    case .add: "add"
    case .concat: "concat"
    case .padShortcut: "padShortcut"
    case .dropout: "dropout"
    case .identity: "identity"
    case .zero: "zero"
    case .scale: "scale"
    case .custom(let operation): operation.kind
    }
  }

  /// Operations without attributes, by kind.
  private static let plain: [String: Node.Operation] = Dictionary(
    uniqueKeysWithValues: [
      .input, .relu, .relu6, .gelu, .silu, .sigmoid, .hardSigmoid, .tanh, .globalAveragePool, .flatten, .add, .concat,
      .identity, .zero,
    ].map { (operation: Node.Operation) in (operation.kind, operation) })

  static func plain(_ kind: String) -> Node.Operation? { plain[kind] }
}

/// One flat JSON object per node: `{"name":"conv1","op":"conv2d","inputs":["input"],"in":3,"out":16,"kernel":3,…}`.
extension Node: Codable {
  private enum Key: String, CodingKey {
    case name, op, inputs
    case inputChannels = "in"
    case outputChannels = "out"
    case kernel, stride, padding, dilation, groups, bias, channels, epsilon, momentum, countIncludePad
    case before, after, slope, probability, factor, kind, configuration
  }

  /// Writes name, operation and inputs, and the attributes that the operation has.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    if case .custom = op {
      try container.encode("custom", forKey: .op)
    } else {
      try container.encode(op.kind, forKey: .op)
    }
    try container.encode(inputs, forKey: .inputs)
    switch op {
    case .conv2d(let conv):
      try container.encode(conv.inputChannels, forKey: .inputChannels)
      try container.encode(conv.outputChannels, forKey: .outputChannels)
      try container.encode(conv.kernel, forKey: .kernel)
      try container.encode(conv.stride, forKey: .stride)
      try container.encode(conv.padding, forKey: .padding)
      if conv.dilation != 1 { try container.encode(conv.dilation, forKey: .dilation) }
      if conv.groups != 1 { try container.encode(conv.groups, forKey: .groups) }
      try container.encode(conv.bias, forKey: .bias)
    case .linear(let linear):
      try container.encode(linear.inputFeatures, forKey: .inputChannels)
      try container.encode(linear.outputFeatures, forKey: .outputChannels)
      try container.encode(linear.bias, forKey: .bias)
    case .batchNorm(let norm):
      try container.encode(norm.channels, forKey: .channels)
      try container.encode(norm.epsilon, forKey: .epsilon)
      try container.encode(norm.momentum, forKey: .momentum)
    case .maxPool(let pool):
      try encode(pool, into: &container)
    case .avgPool(let pool, let countIncludePad):
      try encode(pool, into: &container)
      try container.encode(countIncludePad, forKey: .countIncludePad)
    case .padShortcut(let pad):
      try container.encode(pad.stride, forKey: .stride)
      try container.encode(pad.before, forKey: .before)
      try container.encode(pad.after, forKey: .after)
    case .leakyReLU(let slope): try container.encode(slope, forKey: .slope)
    case .dropout(let probability): try container.encode(probability, forKey: .probability)
    case .scale(let factor): try container.encode(factor, forKey: .factor)
    case .custom(let operation):
      try container.encode(operation.kind, forKey: .kind)
      try container.encode(operation.configuration, forKey: .configuration)
    default: break
    }
  }

  private func encode(_ pool: Pool, into container: inout KeyedEncodingContainer<Key>) throws {
    try container.encode(pool.kernel, forKey: .kernel)
    try container.encode(pool.stride, forKey: .stride)
    try container.encode(pool.padding, forKey: .padding)
  }

  /// Reads a node; custom operations become ``UnresolvedOperation``.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decode(String.self, forKey: .name)
    inputs = try container.decode([String].self, forKey: .inputs)
    let kind = try container.decode(String.self, forKey: .op)
    if let plain = Operation.plain(kind) {
      op = plain
      return
    }
    func integer(_ key: Key, _ fallback: Int? = nil) throws -> Int {
      if let fallback { return try container.decodeIfPresent(Int.self, forKey: key) ?? fallback }
      return try container.decode(Int.self, forKey: key)
    }
    func pool() throws -> Pool {
      Pool(kernel: try integer(.kernel), stride: try integer(.stride), padding: try integer(.padding, 0))
    }
    switch kind {
    case "conv2d":
      op = .conv2d(
        Conv2d(
          inputChannels: try integer(.inputChannels), outputChannels: try integer(.outputChannels),
          kernel: try integer(.kernel), stride: try integer(.stride, 1), padding: try integer(.padding, 0),
          dilation: try integer(.dilation, 1), groups: try integer(.groups, 1),
          bias: try container.decode(Bool.self, forKey: .bias)))
    case "linear":
      op = .linear(
        Linear(
          inputFeatures: try integer(.inputChannels), outputFeatures: try integer(.outputChannels),
          bias: try container.decode(Bool.self, forKey: .bias)))
    case "batchNorm":
      op = .batchNorm(
        BatchNorm(
          channels: try integer(.channels), epsilon: try container.decode(Float.self, forKey: .epsilon),
          momentum: try container.decode(Float.self, forKey: .momentum)))
    case "maxPool": op = .maxPool(try pool())
    case "avgPool":
      op = .avgPool(try pool(), countIncludePad: try container.decode(Bool.self, forKey: .countIncludePad))
    case "padShortcut":
      op = .padShortcut(
        PadShortcut(stride: try integer(.stride), before: try integer(.before), after: try integer(.after)))
    case "leakyReLU": op = .leakyReLU(slope: try container.decode(Float.self, forKey: .slope))
    case "dropout": op = .dropout(try container.decode(Float.self, forKey: .probability))
    case "scale": op = .scale(try container.decode(Float.self, forKey: .factor))
    case "custom":
      op = .custom(
        UnresolvedOperation(
          kind: try container.decode(String.self, forKey: .kind),
          configuration: try container.decode(String.self, forKey: .configuration)))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .op, in: container, debugDescription: "node \(name) has the unknown operation \(kind)")
    }
  }
}
