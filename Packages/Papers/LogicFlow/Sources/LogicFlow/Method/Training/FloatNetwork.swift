import TinyNN
import TinyTensor

/// A multilayer perceptron in floating point: weights `[output, input]` and biases `[output]` per layer, ReLU between layers.
public struct FloatNetwork: Sendable, Equatable {
  /// One layer.
  public struct Layer: Sendable, Equatable {
    /// `[output, input]`.
    public var weight: Tensor
    /// `[output]`.
    public var bias: Tensor

    /// Creates a layer.
    public init(weight: Tensor, bias: Tensor) {
      self.weight = weight
      self.bias = bias
    }
  }

  /// Hidden layers, then the logits.
  public var layers: [Layer]

  /// Wraps layers.
  public init(layers: [Layer]) { self.layers = layers }

  /// Initialises layers of these sizes, inputs first, the way of He.
  public init(sizes: [Int], seed: UInt64) {
    var random = Philox(seed: seed, stream: "logicflow.weights")
    layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      Layer(
        weight: Tensor.normal(
          [outputs, inputs], mean: 0, standardDeviation: (2 / Float(inputs)).squareRoot(), using: &random),
        bias: Tensor(zeros: [outputs]))
    }
  }

  /// Outputs of every layer, ReLU applied to all but the last, for rows `[row, feature]` in 0...1.
  public func activations(_ x: Tensor) -> [Tensor] {
    withoutGradients {
      var value = Variable(x)
      return layers.enumerated().map { index, layer in
        value = linear(value, weight: Variable(layer.weight), bias: Variable(layer.bias))
        if index < layers.count - 1 { value = relu(value) }
        return value.value
      }
    }
  }
}

extension IntegerSamples {
  /// Rows as floats in 0...1, `[row, feature]`: what the float network is trained on.
  public func tensor(_ indices: some Collection<Int>) -> Tensor {
    var scalars: [Float] = []
    scalars.reserveCapacity(indices.count * width)
    for index in indices {
      for value in features[index * width..<(index + 1) * width] { scalars.append(Float(value) / 255) }
    }
    return Tensor(shape: [indices.count, width], scalars)
  }
}
