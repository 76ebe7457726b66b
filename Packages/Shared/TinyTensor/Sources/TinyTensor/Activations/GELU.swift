/// The Gaussian error linear unit in its exact form, `x · Φ(x)` with the normal distribution function
/// `Φ(x) = (1 + erf(x / √2)) / 2`.
///
/// The error is below 3 · 10⁻⁷ · max(1, |x|) everywhere, and relative to the result below 10⁻⁶ for |x| ≤ 5 (about four units in the
/// last place around 0); in the far negative tail, where results are tiny, it grows to 5 · 10⁻⁶ of them. Below −13.2 the result is 0.
public func gelu(_ x: Tensor) -> Tensor {
  .filled(x.shape) { target in
    x.withPointer { ActivationKernel.apply(GaussianErrorUnit.self, $0, count: x.count, into: target) }
  }
}

extension Tensor {
  /// Turns the gradient of `gelu(x)` into that of `x`, in place: multiplies by the derivative `Φ(x) + x · φ(x)`.
  ///
  /// The derivative's error is below 3 · 10⁻⁷. It shares its exponential and its approximation with the function, so it is the
  /// derivative of what ``gelu(_:)`` computes.
  public mutating func multiplyByGELUDerivative(at x: Tensor) {
    precondition(shape == x.shape, "the gradient \(shape) and the input \(x.shape) of GELU differ in shape")
    withUnsafeMutableBufferPointer { buffer in
      guard let gradient = buffer.baseAddress else { return }
      x.withPointer { ActivationKernel.pullBack(GaussianErrorUnit.self, gradient, at: $0, count: buffer.count) }
    }
  }
}
