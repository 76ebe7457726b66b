import TinyTensor

/// Multi-head scaled dot-product attention, `softmax(q · kᵀ / sqrt(size)) · v` per head.
///
/// - Parameters:
///   - query: `[batch, length, heads · size]`.
///   - key: `[batch, context, heads · size]`.
///   - value: `[batch, context, heads · size]`.
///   - heads: number of heads; divides the last dimension.
///   - causal: position `i` of the query sees the context up to position `i + context − length`.
/// - Returns: `[batch, length, heads · size]`, heads side by side.
public func attention(query: Variable, key: Variable, value: Variable, heads: Int, causal: Bool = false) -> Variable {
  precondition(
    query.shape.count == 3 && key.shape == value.shape && key.shape.count == 3 && query.shape[0] == key.shape[0]
      && query.shape[2] == key.shape[2] && heads > 0 && query.shape[2] % heads == 0,
    "attention: query \(query.shape), key \(key.shape), value \(value.shape), \(heads) heads")
  let (batch, length, context, size) = (query.shape[0], query.shape[1], key.shape[1], query.shape[2] / heads)
  func split(_ x: Variable, _ length: Int) -> Variable {
    x.reshaped([batch, length, heads, size]).permuted([0, 2, 1, 3]).reshaped([batch * heads, length, size])
  }
  let scores = matmul(split(query, length), split(key, context), transposeB: true) * (1 / Float(size).squareRoot())
  let weights = softmax(causal ? causallyMasked(scores) : scores)
  return matmul(weights, split(value, context))
    .reshaped([batch, heads, length, size]).permuted([0, 2, 1, 3]).reshaped([batch, length, heads * size])
}

/// Sets scores `[batch, length, context]` of positions that lie in the future to −∞.
public func causallyMasked(_ scores: Variable) -> Variable {
  precondition(scores.shape.count == 3, "causallyMasked needs [batch, length, context], the shape is \(scores.shape)")
  var value = scores.value
  CausalMaskKernel.fillFuture(&value, with: -.infinity)
  return Variable.result("causallyMasked", scores, value) { gradient in
    CausalMaskKernel.fillFuture(&gradient, with: 0)
    return gradient
  }
}
