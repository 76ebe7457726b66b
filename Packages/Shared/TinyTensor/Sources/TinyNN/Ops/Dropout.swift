import TinyTensor

/// Sets each element to 0 with the given probability and scales the others by `1 / (1 − probability)`.
///
/// The draws are a function of the generator's state alone; give each layer and step its own stream.
public func dropout(_ x: Variable, probability: Float, using generator: inout Philox) -> Variable {
  precondition(probability >= 0 && probability < 1, "dropout needs a probability in 0..<1, got \(probability)")
  guard probability > 0 else { return x }
  let mask = DropoutKernel.mask(x.shape, probability: probability, using: &generator)
  return Variable.result("dropout", x, x.value * mask) { gradient in
    gradient.updateLanes(with: mask) { $0 * $1 }
    return gradient
  }
}

/// Stochastic depth: sets each sample (entry of the first dimension) to 0 with the given probability and scales the others by
/// `1 / (1 − probability)`; put it at the end of a residual branch.
public func stochasticDepth(_ x: Variable, probability: Float, using generator: inout Philox) -> Variable {
  precondition(probability >= 0 && probability < 1, "stochasticDepth needs a probability in 0..<1, got \(probability)")
  guard probability > 0, let batch = x.shape.first, batch > 0 else { return x }
  let mask = DropoutKernel.mask([batch], probability: probability, using: &generator)
  return Variable.result("stochasticDepth", x, DropoutKernel.scaledEntries(x.value, by: mask)) {
    DropoutKernel.scaledEntries($0, by: mask)
  }
}
