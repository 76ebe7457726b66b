import TinyTensor

/// `max(x, 0)`; the gradient at 0 is 0.
public func relu(_ x: Variable) -> Variable { PointwiseKernel.apply("relu", ReLU(), x) }

/// `min(max(x, 0), 6)`; the gradient at 0 and 6 is 0.
public func relu6(_ x: Variable) -> Variable { PointwiseKernel.apply("relu6", ReLU6(), x) }

/// `x` where it is positive, `slope · x` elsewhere; `slope` ≥ 0.
public func leakyReLU(_ x: Variable, slope: Float = 0.01) -> Variable {
  precondition(slope >= 0, "leakyReLU needs a slope of at least 0, got \(slope)")
  return PointwiseKernel.apply("leakyReLU", LeakyReLU(slope: slope), x)
}

/// Gaussian error linear unit in its exact form, `x · Φ(x)` with the normal distribution function Φ.
public func gelu(_ x: Variable) -> Variable {
  let input = x.value
  return Variable.result("gelu", x, TinyTensor.gelu(input)) { gradient in
    gradient.multiplyByGELUDerivative(at: input)
    return gradient
  }
}

/// Sigmoid linear unit (swish), `x · sigmoid(x)`.
public func silu(_ x: Variable) -> Variable { PointwiseKernel.apply("silu", SiLU(), x) }

/// The logistic function `1 / (1 + exp(−x))`.
public func sigmoid(_ x: Variable) -> Variable { PointwiseKernel.apply("sigmoid", Sigmoid(), x) }

/// `min(max(x + 3, 0), 6) / 6`; the gradient at ±3 is 0.
public func hardSigmoid(_ x: Variable) -> Variable { PointwiseKernel.apply("hardSigmoid", HardSigmoid(), x) }

/// Hyperbolic tangent.
public func tanh(_ x: Variable) -> Variable { PointwiseKernel.apply("tanh", HyperbolicTangent(), x) }
