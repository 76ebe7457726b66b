import Foundation
import TinyTensor

/// `x²` element by element.
public func square(_ x: Variable) -> Variable { PointwiseKernel.apply("square", Square(), x) }

/// The square root of every element; its gradient is infinite at 0.
public func sqrt(_ x: Variable) -> Variable { PointwiseKernel.apply("sqrt", SquareRoot(), x) }

/// The exponential of every element.
public func exp(_ x: Variable) -> Variable { PointwiseKernel.apply("exp", Exponential(), x) }

/// The natural logarithm of every element.
public func log(_ x: Variable) -> Variable { PointwiseKernel.apply("log", Logarithm(), x) }

/// The absolute value of every element; the gradient at 0 is 0.
public func abs(_ x: Variable) -> Variable { PointwiseKernel.apply("abs", AbsoluteValue(), x) }

/// Every element limited to `range`; the gradient passes inside of the range, bounds included (as PyTorch's `clamp`).
public func clamp(_ x: Variable, to range: ClosedRange<Float>) -> Variable {
  PointwiseKernel.apply("clamp", Clamp(range: range), x)
}

private struct Square: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x * x }
  func derivative(_ x: Lanes) -> Lanes { x * 2 }
}

private struct SquareRoot: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { x.squareRoot() }
  func derivative(_ y: Lanes) -> Lanes { 0.5 / y }
}

private struct Exponential: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.exp(x) }
  func derivative(_ y: Lanes) -> Lanes { y }
}

private struct Logarithm: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x.perLane { Foundation.log($0) } }
  func derivative(_ x: Lanes) -> Lanes { 1 / x }
}

private struct AbsoluteValue: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x.magnitudes }
  func derivative(_ x: Lanes) -> Lanes {
    Lanes(repeating: 0).replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
  }
}

private struct Clamp: PointwiseFunction {
  static let differentiatesFromOutput = false
  let range: ClosedRange<Float>
  func value(_ x: Lanes) -> Lanes { x.limited(range.lowerBound, range.upperBound) }
  func derivative(_ x: Lanes) -> Lanes {
    Lanes(repeating: 0).replacing(with: 1, where: (x .>= range.lowerBound) .& (x .<= range.upperBound))
  }
}
