import TinyTensor

// The activation functions of Ops/Activations.swift, sixteen numbers at a time.

struct ReLU: PointwiseFunction {
  static let differentiatesFromOutput = true
  // Written so that NaN passes through and diverged training shows.
  func value(_ x: Lanes) -> Lanes { x.replacing(with: 0, where: x .<= 0) }
  func derivative(_ y: Lanes) -> Lanes { Lanes.one(where: y .> 0) }
}

struct ReLU6: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { x.limited(0, 6) }
  func derivative(_ y: Lanes) -> Lanes { Lanes.one(where: (y .> 0) .& (y .< 6)) }
}

struct LeakyReLU: PointwiseFunction {
  static let differentiatesFromOutput = true
  let slope: Float
  func value(_ x: Lanes) -> Lanes { x.replacing(with: x * slope, where: x .<= 0) }
  func derivative(_ y: Lanes) -> Lanes { Lanes(repeating: slope).replacing(with: 1, where: y .> 0) }
}

struct SiLU: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { x * VectorMath.sigmoid(x) }
  func derivative(_ x: Lanes) -> Lanes {
    let s = VectorMath.sigmoid(x)
    return s * (1 + x * (1 - s))
  }
}

struct Sigmoid: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.sigmoid(x) }
  func derivative(_ y: Lanes) -> Lanes { y * (1 - y) }
}

struct HardSigmoid: PointwiseFunction {
  static let differentiatesFromOutput = false
  func value(_ x: Lanes) -> Lanes { (x + 3).limited(0, 6) * (1 / 6) }
  func derivative(_ x: Lanes) -> Lanes {
    Lanes.one(where: (x .> -3) .& (x .< 3)) * (1 / 6)
  }
}

struct HyperbolicTangent: PointwiseFunction {
  static let differentiatesFromOutput = true
  func value(_ x: Lanes) -> Lanes { VectorMath.tanh(x) }
  func derivative(_ y: Lanes) -> Lanes { 1 - y * y }
}
