extension Node.Operation {
  /// Shape of the output for one image (no batch dimension).
  /// - Parameters:
  ///   - inputs: shapes of the inputs, `[h, w, c]` or `[features]`.
  ///   - node: the node's name, for errors.
  /// - Throws: ``NetworkError`` if the number of inputs, an attribute or a shape does not fit.
  func outputShape(inputs: [[Int]], node: String) throws(NetworkError) -> [Int] {
    try checkInputCount(inputs.count, node: node)
    switch self {
    case .input:
      return []
    case .conv2d(let conv):
      return try convolved(Self.map(inputs[0], node), conv, node)
    case .batchNorm(let norm):
      guard norm.channels > 0, norm.epsilon >= 0, (0...1).contains(norm.momentum) else {
        throw .invalidAttribute(
          node: node, detail: "needs channels > 0, epsilon >= 0 and momentum in 0...1, got \(norm)")
      }
      guard inputs[0].last == norm.channels else {
        throw .shapeMismatch(node: node, detail: "normalises \(norm.channels) channels, but gets shape \(inputs[0])")
      }
      return inputs[0]
    case .maxPool(let pool), .avgPool(let pool, _):
      return try pooled(Self.map(inputs[0], node), pool, node)
    case .globalAveragePool:
      return [try Self.map(inputs[0], node)[2]]
    case .flatten:
      return [inputs[0].reduce(1, *)]
    case .linear(let linear):
      guard linear.inputFeatures > 0, linear.outputFeatures > 0 else {
        throw .invalidAttribute(node: node, detail: "a linear layer needs positive sizes, got \(linear)")
      }
      guard inputs[0] == [linear.inputFeatures] else {
        throw .shapeMismatch(
          node: node, detail: "expects a vector of \(linear.inputFeatures) features, but gets shape \(inputs[0])")
      }
      return [linear.outputFeatures]
    case .add:
      guard inputs.allSatisfy({ $0 == inputs[0] }) else {
        throw .shapeMismatch(node: node, detail: "adds shapes \(inputs)")
      }
      return inputs[0]
    case .concat:
      guard inputs.allSatisfy({ $0.dropLast() == inputs[0].dropLast() }) else {
        throw .shapeMismatch(node: node, detail: "concatenates shapes \(inputs), which differ in more than channels")
      }
      return Array(inputs[0].dropLast()) + [inputs.reduce(0) { $0 + ($1.last ?? 0) }]
    case .padShortcut(let pad):
      let map = try Self.map(inputs[0], node)
      let channels = 0...Self.maximumAttribute
      guard (1...Self.maximumAttribute).contains(pad.stride), channels.contains(pad.before),
        channels.contains(pad.after)
      else {
        throw .invalidAttribute(node: node, detail: "needs stride > 0 and non-negative padding, got \(pad)")
      }
      return [
        (map[0] + pad.stride - 1) / pad.stride, (map[1] + pad.stride - 1) / pad.stride, map[2] + pad.before + pad.after,
      ]
    case .dropout(let probability):
      guard (0..<1).contains(probability) else {
        throw .invalidAttribute(node: node, detail: "dropout probability \(probability) is outside 0..<1")
      }
      return inputs[0]
    case .relu, .relu6, .gelu, .silu, .sigmoid, .hardSigmoid, .tanh, .leakyReLU, .identity, .zero, .scale:
      return inputs[0]
    case .custom(let operation):
      do {
        return try operation.outputShape(inputs: inputs)
      } catch {
        throw error.located(at: node)
      }
    }
  }

  /// Largest width, kernel or padding accepted, so that arithmetic on attributes from files cannot overflow.
  private static let maximumAttribute = 1 << 20

  private func checkInputCount(_ count: Int, node: String) throws(NetworkError) {
    switch self {
    case .input:
      guard count == 0 else { throw .wrongInputCount(node: node, expected: "none", got: count) }
    case .add, .concat:
      guard count >= 2 else { throw .wrongInputCount(node: node, expected: "at least 2", got: count) }
    case .custom:
      guard count >= 1 else { throw .wrongInputCount(node: node, expected: "at least 1", got: count) }
    default:
      guard count == 1 else { throw .wrongInputCount(node: node, expected: "1", got: count) }
    }
  }

  private static func map(_ shape: [Int], _ node: String) throws(NetworkError) -> [Int] {
    guard shape.count == 3 else {
      throw .shapeMismatch(node: node, detail: "expects a map [h, w, c], but gets shape \(shape)")
    }
    return shape
  }

  private func convolved(_ map: [Int], _ conv: Conv2d, _ node: String) throws(NetworkError) -> [Int] {
    let sizes = 1...Self.maximumAttribute
    guard sizes.contains(conv.inputChannels), sizes.contains(conv.outputChannels), sizes.contains(conv.kernel),
      sizes.contains(conv.stride), (0...Self.maximumAttribute).contains(conv.padding), sizes.contains(conv.dilation),
      sizes.contains(conv.groups), conv.inputChannels % conv.groups == 0, conv.outputChannels % conv.groups == 0
    else {
      throw .invalidAttribute(node: node, detail: "impossible convolution \(conv)")
    }
    guard map[2] == conv.inputChannels else {
      throw .shapeMismatch(node: node, detail: "convolves \(conv.inputChannels) channels, but gets shape \(map)")
    }
    let extent = conv.dilation * (conv.kernel - 1) + 1
    return try windows(map, extent: extent, stride: conv.stride, padding: conv.padding, node) + [conv.outputChannels]
  }

  private func pooled(_ map: [Int], _ pool: Pool, _ node: String) throws(NetworkError) -> [Int] {
    guard (1...Self.maximumAttribute).contains(pool.kernel), pool.stride > 0, pool.padding >= 0,
      2 * pool.padding <= pool.kernel
    else {
      throw .invalidAttribute(
        node: node, detail: "needs kernel and stride > 0 and padding of at most half the kernel, got \(pool)")
    }
    return try windows(map, extent: pool.kernel, stride: pool.stride, padding: pool.padding, node) + [map[2]]
  }

  private func windows(
    _ map: [Int], extent: Int, stride: Int, padding: Int, _ node: String
  ) throws(NetworkError) -> [Int] {
    guard map[0] + 2 * padding >= extent, map[1] + 2 * padding >= extent else {
      throw .shapeMismatch(node: node, detail: "a window of \(extent) pixels does not fit the map \(map)")
    }
    return [(map[0] + 2 * padding - extent) / stride + 1, (map[1] + 2 * padding - extent) / stride + 1]
  }
}
