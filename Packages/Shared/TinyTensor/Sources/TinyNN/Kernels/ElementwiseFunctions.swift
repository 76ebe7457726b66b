import TinyTensor

// The functions of Ops/Elementwise.swift, sixteen numbers at a time.

struct Square: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x * x }
  func derivative(_ x: Lanes) -> Lanes { x * 2 }
}

struct SquareRoot: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { x.squareRoot() }
  func derivative(_ y: Lanes) -> Lanes { 0.5 / y }
}

struct Exponential: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.exp(x) }
  func derivative(_ y: Lanes) -> Lanes { y }
}

struct Logarithm: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { VectorMath.log(x) }
  func derivative(_ x: Lanes) -> Lanes { 1 / x }
}

struct AbsoluteValue: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x.magnitudes }
  func derivative(_ x: Lanes) -> Lanes { x.signs }
}

struct Clamp: PointwiseFunction {
  static let differentiatesFromOutput = false
  let range: ClosedRange<Float>
  func value(_ x: Lanes) -> Lanes { x.limited(range.lowerBound, range.upperBound) }
  func derivative(_ x: Lanes) -> Lanes {
    Lanes.one(where: (x .>= range.lowerBound) .& (x .<= range.upperBound))
  }
}
