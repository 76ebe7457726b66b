import TinyTensor

/// Learned step size quantisation (LSQ, Esser et al., ICLR 2020): the scale is a parameter.
///
/// The value is `s · clamp(round(x / s), lower, upper)`. The gradient of `x` passes where `lower ≤ x / s ≤ upper`; the step gets
/// `Σ g · (q − x / s)` from these places and `g · lower` or `g · upper` from the others, times `1 / sqrt(n · upper)`, with n elements
/// per step.
public struct LearnedStepQuantizer {
  /// The codes.
  public let range: QuantizationRange
  /// The steps, `[1]` or one per entry of the first dimension; a parameter to be optimised. Keep it positive.
  public let step: Variable

  /// Creates a quantiser with given steps.
  public init(range: QuantizationRange, step: Variable) {
    precondition(step.value.rank == 1 && step.value.count > 0, "steps are a vector, the shape is \(step.shape)")
    self.range = range
    self.step = step
  }

  /// Creates a quantiser with the paper's initial step, `2 · mean|x| / sqrt(upper)`.
  public init(
    initializedFrom x: Tensor, range: QuantizationRange, perChannel: Bool = false, name: String? = nil
  ) {
    let channels = perChannel ? x.shape.first ?? 1 : 1
    let steps = (0..<channels).map { channel -> Float in
      let part = perChannel ? x.slice(channel..<channel + 1) : x
      let step = 2 * part.mapLanes { $0.magnitudes }.mean() / Float(range.upper).squareRoot()
      return step > 0 && step.isFinite ? step : 1
    }
    self.init(
      range: range, step: Variable(Tensor(shape: [channels], steps), requiresGradient: true, name: name))
  }

  /// The quantised value, differentiable with respect to `x` and ``step``.
  public func callAsFunction(_ x: Variable) -> Variable {
    let input = x.value
    let scales = step.value.scalars
    precondition(scales.count == 1 || scales.count == x.shape.first, "\(scales.count) steps for the shape \(x.shape)")
    precondition(scales.allSatisfy { $0 > 0 }, "a learned step became \(scales.min() ?? 0); lower its learning rate")
    let kernel = QuantizationKernel(range)
    let value = kernel.fakeQuantized(input, scales: scales)
    return Variable.result("learnedStepQuantize", [x, step], value) { gradient, _ in
      let stepGradient = kernel.learnedStepGradient(&gradient, x: input, steps: scales)
      return [gradient, stepGradient]
    }
  }
}
