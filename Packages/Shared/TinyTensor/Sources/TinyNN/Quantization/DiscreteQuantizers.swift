import Foundation
import TinyTensor

/// Rounds to a signed power of two (in the logarithm) or to 0: multiplication becomes a shift.
///
/// `sign(x) · 2^e` with `e = round(log₂|x|)` limited to `exponents` from above; 0 where e would fall below them. The gradient passes
/// where `|x|` does not exceed the greatest representable value.
public struct PowerOfTwoQuantizer: Sendable, Codable, Hashable {
  /// The exponents that may be used.
  public let exponents: ClosedRange<Int>

  /// Creates a quantiser; exponents between −126 and 127.
  public init(exponents: ClosedRange<Int>) {
    precondition(exponents.lowerBound >= -126 && exponents.upperBound <= 127, "exponents \(exponents) exceed Float's")
    self.exponents = exponents
  }

  /// The quantised value.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let (low, high) = (Float(exponents.lowerBound), Float(exponents.upperBound))
    return x.map { value in
      let exponent = log2f(abs(value)).rounded(.toNearestOrEven)
      guard exponent >= low else { return 0 }
      return exp2f(min(exponent, high)) * (value < 0 ? -1 : 1)
    }
  }

  /// The quantised value, differentiable straight through.
  public func callAsFunction(_ x: Variable) -> Variable {
    straightThrough("powerOfTwoQuantize", x, value: self(x.value), limit: exp2f(Float(exponents.upperBound)))
  }
}

/// Binary weights: the sign (+1 at 0) times the mean magnitude, with the clipped identity as gradient.
/// - Parameters:
///   - x: any shape.
///   - scaled: multiply by the mean magnitude of `x` (XNOR-Net), taken as a constant; otherwise the values are ±1.
public func binarized(_ x: Variable, scaled: Bool = false) -> Variable {
  let scale = scaled ? x.value.mapLanes { $0.magnitudes }.mean() : 1
  return straightThrough("binarized", x, value: x.value.map { $0 < 0 ? -scale : scale }, limit: 1)
}

/// Ternary weights (Li and Liu, 2016): −α, 0 or α, with threshold `0.7 · mean|x|` and α the mean magnitude beyond it; the gradient is
/// the clipped identity.
public func ternarized(_ x: Variable) -> Variable {
  let magnitudes = x.value.mapLanes { $0.magnitudes }
  let threshold = 0.7 * magnitudes.mean()
  let beyond = magnitudes.map { $0 > threshold ? 1 : 0 }
  let count = beyond.sum()
  let scale = count > 0 ? magnitudes.dot(beyond) / count : 0
  let value = x.value.map { abs($0) > threshold ? ($0 < 0 ? -scale : scale) : 0 }
  return straightThrough("ternarized", x, value: value, limit: 1)
}

/// A result whose gradient passes unchanged where `|x| ≤ limit` and is 0 elsewhere.
private func straightThrough(_ name: String, _ x: Variable, value: Tensor, limit: Float) -> Variable {
  let input = x.value
  return Variable.result(name, x, value) { gradient in
    gradient.updateLanes(with: input) { $0 * Lanes.one(where: $1.magnitudes .<= limit) }
    return gradient
  }
}
