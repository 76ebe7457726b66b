import Foundation
import TinyTensor

/// A uniform quantiser with fixed scales and a straight-through gradient.
///
/// `q = clamp(round(x / s), lower, upper)` with halves rounded to even; the value is `s · q`. The gradient passes unchanged
/// where `round(x / s)` lies inside of the range and is 0 elsewhere.
public struct FakeQuantizer: Sendable, Codable, Hashable {
  /// The codes.
  public let range: QuantizationRange
  /// One scale for the whole tensor, or one per entry of the first dimension (output channel of a weight). Positive.
  public let scales: [Float]

  /// Creates a quantiser with known scales.
  public init(range: QuantizationRange, scales: [Float]) {
    precondition(!scales.isEmpty && scales.allSatisfy { $0 > 0 && $0.isFinite }, "scales must be positive and finite")
    self.range = range
    self.scales = scales
  }

  /// Creates a quantiser whose scales fit the values of `x`.
  /// - Parameter perChannel: one scale per entry of the first dimension instead of one for all.
  public init(
    calibratedOn x: Tensor, range: QuantizationRange, method: Calibration = .minMax, perChannel: Bool = false
  ) {
    let channels = perChannel ? x.shape.first ?? 1 : 1
    self.init(
      range: range,
      scales: (0..<channels).map { channel in
        method.scale(for: perChannel ? x.slice(channel..<channel + 1) : x, range: range)
      })
  }

  /// The same quantiser with every scale rounded up to a power of two, so that rescaling is a shift.
  public func withPowerOfTwoScales() -> FakeQuantizer {
    FakeQuantizer(range: range, scales: scales.map { exp2f(ceilf(log2f($0))) })
  }

  /// The quantised value, differentiable straight through.
  public func callAsFunction(_ x: Variable) -> Variable {
    check(x.shape)
    let input = x.value
    return Variable.result("fakeQuantize", x, kernel.fakeQuantized(input, scales: scales)) { gradient in
      kernel.maskGradient(&gradient, x: input, scales: scales)
      return gradient
    }
  }

  /// The quantised value.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    check(x.shape)
    return kernel.fakeQuantized(x, scales: scales)
  }

  /// The codes as whole numbers in floats, in the shape of `x`; the value is code times scale.
  public func codes(_ x: Tensor) -> Tensor {
    check(x.shape)
    return kernel.codes(x, scales: scales)
  }

  private var kernel: QuantizationKernel { QuantizationKernel(range) }

  private func check(_ shape: [Int]) {
    precondition(scales.count == 1 || scales.count == shape.first, "\(scales.count) scales for the shape \(shape)")
  }
}
