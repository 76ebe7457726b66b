import TinyTensor

/// The Euclidean norm of all gradients taken as one vector.
public func gradientNorm(_ parameters: [Variable]) -> Float {
  Float(parameters.reduce(0.0) { $0 + ($1.gradient?.sumOfSquares() ?? 0) }.squareRoot())
}

/// Scales all gradients by one factor so that their common norm is at most `maximum`, as PyTorch's `clip_grad_norm_`.
/// - Returns: the norm before clipping.
@discardableResult
public func clipGradientNorm(_ parameters: [Variable], maximum: Float) -> Float {
  let norm = gradientNorm(parameters)
  let factor = maximum / (norm + 1e-6)
  if factor < 1 {
    for parameter in parameters { parameter.gradient?.scale(by: factor) }
  }
  return norm
}
