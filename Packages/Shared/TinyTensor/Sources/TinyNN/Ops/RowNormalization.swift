import TinyTensor

/// Layer normalisation over the last dimension: `(x − mean) / sqrt(variance + epsilon) · weight + bias`, biased variance.
/// - Parameters:
///   - x: `[…, features]`.
///   - weight: scale `[features]`, 1 if absent.
///   - bias: shift `[features]`, 0 if absent.
public func layerNorm(
  _ x: Variable, weight: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5
) -> Variable {
  normalizedRows("layerNorm", x, weight: weight, bias: bias, epsilon: epsilon, centered: true)
}

/// Root-mean-square normalisation over the last dimension: `x / sqrt(mean(x²) + epsilon) · weight`.
/// - Parameters:
///   - x: `[…, features]`.
///   - weight: scale `[features]`, 1 if absent.
public func rmsNorm(_ x: Variable, weight: Variable? = nil, epsilon: Float = 1e-5) -> Variable {
  normalizedRows("rmsNorm", x, weight: weight, bias: nil, epsilon: epsilon, centered: false)
}

private func normalizedRows(
  _ name: String, _ x: Variable, weight: Variable?, bias: Variable?, epsilon: Float, centered: Bool
) -> Variable {
  let features = x.shape.last ?? 1
  precondition(weight == nil || weight?.shape == [features], "\(name): one weight per feature (\(features))")
  precondition(bias == nil || bias?.shape == [features], "\(name): one bias per feature (\(features))")
  let (normalized, inverse) = RowNormKernel.normalize(x.value, epsilon: epsilon, centered: centered)
  let scale = weight?.value
  var value = scale.map { normalized * $0 } ?? normalized
  if let bias { RowKernel.add(bias.value, to: &value) }
  let inputs = [x] + [weight, bias].compactMap { $0 }
  return Variable.result(name, inputs, value) { gradient, needed in
    var parts: [Tensor?] = []
    var position = 1
    if scale != nil {
      parts.append(needed[position] ? columnSums(gradient * normalized) : nil)
      position += 1
    }
    if needed.count > position { parts.append(needed[position] ? columnSums(gradient) : nil) }
    guard needed[0] else { return [nil] + parts }
    if let scale { gradient = gradient * scale }
    RowNormKernel.gradient(&gradient, normalized: normalized, inverse: inverse, centered: centered)
    return [gradient] + parts
  }
}
