import Foundation
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
public func gelu(_ x: Variable) -> Variable { PointwiseKernel.apply("gelu", GELU(), x) }

/// Sigmoid linear unit (swish), `x · sigmoid(x)`.
public func silu(_ x: Variable) -> Variable { PointwiseKernel.apply("silu", SiLU(), x) }

/// The logistic function `1 / (1 + exp(−x))`.
public func sigmoid(_ x: Variable) -> Variable { PointwiseKernel.apply("sigmoid", Sigmoid(), x) }

/// `min(max(x + 3, 0), 6) / 6`; the gradient at ±3 is 0.
public func hardSigmoid(_ x: Variable) -> Variable { PointwiseKernel.apply("hardSigmoid", HardSigmoid(), x) }

/// Hyperbolic tangent.
public func tanh(_ x: Variable) -> Variable { PointwiseKernel.apply("tanh", HyperbolicTangent(), x) }

private struct ReLU: PointwiseFunction {
  static let differentiatesFromOutput = true
  // Written so that NaN passes through and diverged training shows.
  func value(_ x: Lanes) -> Lanes { x.replacing(with: 0, where: x .<= 0) }
  func derivative(_ y: Lanes) -> Lanes { Lanes(repeating: 0).replacing(with: 1, where: y .> 0) }
}

private struct ReLU6: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { x.limited(0, 6) }
  func derivative(_ y: Lanes) -> Lanes { Lanes(repeating: 0).replacing(with: 1, where: (y .> 0) .& (y .< 6)) }
}

private struct LeakyReLU: PointwiseFunction {
  static let differentiatesFromOutput = true
  let slope: Float
  func value(_ x: Lanes) -> Lanes { x.replacing(with: x * slope, where: x .<= 0) }
  func derivative(_ y: Lanes) -> Lanes { Lanes(repeating: slope).replacing(with: 1, where: y .> 0) }
}

private struct GELU: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x * VectorMath.normalCumulative(x) }
  func derivative(_ x: Lanes) -> Lanes { VectorMath.normalCumulative(x) + x * VectorMath.normalDensity(x) }
}

private struct SiLU: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x * VectorMath.sigmoid(x) }
  func derivative(_ x: Lanes) -> Lanes {
    let s = VectorMath.sigmoid(x)
    return s * (1 + x * (1 - s))
  }
}

private struct Sigmoid: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.sigmoid(x) }
  func derivative(_ y: Lanes) -> Lanes { y * (1 - y) }
}

private struct HardSigmoid: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { (x + 3).limited(0, 6) * (1 / 6) }
  func derivative(_ x: Lanes) -> Lanes {
    Lanes(repeating: 0).replacing(with: 1 / 6, where: (x .> -3) .& (x .< 3))
  }
}

private struct HyperbolicTangent: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.tanh(x) }
  func derivative(_ y: Lanes) -> Lanes { 1 - y * y }
}
