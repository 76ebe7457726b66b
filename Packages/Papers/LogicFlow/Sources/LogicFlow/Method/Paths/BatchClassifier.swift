import LogicFlowVerify

/// The sign of every hidden pre-activation, one bit per neuron in the network's order: a path of the decision tree.
public struct SignPattern: Hashable, Sendable {
  /// 64 neurons per word.
  public let words: [UInt64]

  /// Whether neuron `index` (all layers counted through) is positive.
  public subscript(index: Int) -> Bool { words[index >> 6] >> UInt64(index & 63) & 1 == 1 }

  /// The pattern as literals of `network`.
  public func literals(_ network: IntegerNetwork) -> [Literal] {
    var index = 0
    var literals: [Literal] = []
    for layer in 0..<network.hiddenLayers {
      for neuron in network.layers[layer].bias.indices {
        literals.append(Literal(layer: layer, neuron: neuron, positive: self[index]))
        index += 1
      }
    }
    return literals
  }
}

/// Classes and paths of many rows at once, on all cores; equal to ``IntegerNetwork`` bit for bit.
public struct BatchClassifier: Sendable {
  private let kernel: BatchKernel
  private let width: Int

  /// Prepares `network`.
  public init(_ network: IntegerNetwork) {
    kernel = BatchKernel(network)
    width = network.inputs
  }

  /// Class of each row of `features` (row-major).
  public func classify(_ features: [UInt8]) -> [Int] {
    let count = features.count / width
    let classes = [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      features.withUnsafeBufferPointer { rows in
        if let rows = rows.baseAddress, let output = buffer.baseAddress {
          kernel.run(rows, count: count, classes: output)
        }
      }
      initialized = count
    }
    return classes.map(Int.init)
  }

  /// Class and path of each row.
  public func paths(_ features: [UInt8]) -> [(outcome: Int, pattern: SignPattern)] {
    let count = features.count / width
    let words = (kernel.signs + 63) / 64
    var classes = [UInt16](repeating: 0, count: count)
    var patterns = [UInt64](repeating: 0, count: count * words)
    features.withUnsafeBufferPointer { rows in
      classes.withUnsafeMutableBufferPointer { classes in
        patterns.withUnsafeMutableBufferPointer { patterns in
          if let rows = rows.baseAddress, let classes = classes.baseAddress {
            kernel.run(rows, count: count, classes: classes, patterns: patterns.baseAddress, words: words)
          }
        }
      }
    }
    return (0..<count).map {
      (Int(classes[$0]), SignPattern(words: Array(patterns[$0 * words..<($0 + 1) * words])))
    }
  }
}
