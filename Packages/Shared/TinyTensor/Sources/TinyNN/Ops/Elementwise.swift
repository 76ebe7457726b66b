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
