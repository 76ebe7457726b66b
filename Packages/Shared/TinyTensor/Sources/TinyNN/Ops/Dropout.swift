import TinyTensor

/// Sets each element to 0 with the given probability and scales the others by `1 / (1 − probability)`.
///
/// The draws are a function of the generator's state alone; give each layer and step its own stream.
public func dropout(_ x: Variable, probability: Float, using generator: inout Philox) -> Variable {
  precondition(probability >= 0 && probability < 1, "dropout needs a probability in 0..<1, got \(probability)")
  guard probability > 0 else { return x }
  let mask = survivors(x.value.count, probability: probability, using: &generator).reshaped(x.shape)
  return Variable.result("dropout", x, x.value * mask) { gradient in
    gradient.update(with: mask) { $0 * $1 }
    return gradient
  }
}

/// Stochastic depth: sets each sample (entry of the first dimension) to 0 with the given probability and scales the others by
/// `1 / (1 − probability)`; put it at the end of a residual branch.
public func stochasticDepth(_ x: Variable, probability: Float, using generator: inout Philox) -> Variable {
  precondition(probability >= 0 && probability < 1, "stochasticDepth needs a probability in 0..<1, got \(probability)")
  guard probability > 0, let batch = x.shape.first, batch > 0 else { return x }
  let mask = survivors(batch, probability: probability, using: &generator)
  return Variable.result("stochasticDepth", x, scaledRows(x.value, by: mask)) { scaledRows($0, by: mask) }
}

private func survivors(_ count: Int, probability: Float, using generator: inout Philox) -> Tensor {
  let scale = 1 / (1 - probability)
  var mask = Tensor(uninitialized: [count])
  mask.withUnsafeMutableBufferPointer { buffer in
    for index in buffer.indices { buffer[index] = generator.uniform() < probability ? 0 : scale }
  }
  return mask
}

/// Multiplies entry `i` of the first dimension by `factors[i]`.
private func scaledRows(_ x: Tensor, by factors: Tensor) -> Tensor {
  var result = x
  let width = x.count / factors.count
  result.withUnsafeMutableBufferPointer { target in
    factors.withUnsafeBufferPointer { factors in
      for row in factors.indices {
        for column in row * width..<(row + 1) * width { target[column] *= factors[row] }
      }
    }
  }
  return result
}
