import TinyTensor

/// Batch normalisation over all but the last dimension (channels), with PyTorch's conventions:
/// `(x − mean) / sqrt(variance + epsilon) · weight + bias`.
///
/// In training, mean and biased variance are those of the batch, and the running statistics move towards them (the variance
/// unbiased, by n / (n − 1)). In evaluation the running statistics are used, and gradients flow through the resulting affine map.
///
/// - Parameters:
///   - x: `[…, channels]`; in training at least two values per channel, which callers with user-chosen batches must check.
///   - weight: scale `[channels]`, 1 if absent.
///   - bias: shift `[channels]`, 0 if absent.
///   - statistics: the running statistics, updated when `training`.
///   - epsilon: added to the variance.
///   - momentum: the weight of the new batch in the running statistics.
///   - activation: applied to the result in the same pass over memory.
///   - residual: added before the activation in the same pass, shaped like `x` (the sum at the end of a residual block).
public func batchNorm(
  _ x: Variable, weight: Variable? = nil, bias: Variable? = nil, statistics: BatchNormState, training: Bool,
  epsilon: Float = 1e-5, momentum: Float = 0.1,
  activation: FusedActivation = .identity, adding residual: Variable? = nil
) -> Variable {
  let channels = x.shape.last ?? 1
  precondition(statistics.channels == channels, "batchNorm: \(channels) channels, statistics of \(statistics.channels)")
  let input = x.value
  let mean: Tensor
  let variance: Tensor
  if training {
    precondition(input.count > channels, "batchNorm in training needs at least two values per channel, got \(x.shape)")
    (mean, variance) = batchNormStatistics(input)
    statistics.update(mean: mean, variance: variance, samples: input.count / channels, momentum: momentum)
  } else {
    (mean, variance) = (statistics.runningMean.value, statistics.runningVariance.value)
  }
  let inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
  let (scale, shift, added) = (weight?.value, bias?.value, residual?.value)
  let output = batchNormApply(
    input, mean: mean, inverseStandardDeviation: inverse, weight: scale, bias: shift, activation: activation,
    adding: added)
  let isPresent = [true, weight != nil, bias != nil, residual != nil]
  let inputs = [x] + [weight, bias, residual].compactMap { $0 }
  return Variable.result("batchNorm", inputs, output) { gradient, needed in
    let rest = batchNormGradient(
      &gradient, x: input, mean: mean, inverseStandardDeviation: inverse, weight: scale, bias: shift,
      activation: activation, adding: added, isTraining: training)
    let all = zip(isPresent, [gradient, rest.weight, rest.bias, rest.residual]).filter(\.0).map(\.1)
    return zip(needed, all).map { $0 ? $1 : nil }
  }
}
