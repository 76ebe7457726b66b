import TinyTensor

/// The product of two matrices, `[m, k] × [k, n] → [m, n]`, each taken transposed on request; with three dimensions, of every
/// pair of matrices in two batches `[batch, m, k] × [batch, k, n]`.
public func matmul(_ a: Variable, _ b: Variable, transposeA: Bool = false, transposeB: Bool = false) -> Variable {
  precondition(a.value.rank == b.value.rank, "matmul needs equal ranks, got \(a.shape) and \(b.shape)")
  let product: (Tensor, Tensor, Bool, Bool) -> Tensor =
    a.value.rank == 3
    ? { batchedMatmul($0, $1, transposeA: $2, transposeB: $3) }
    : { TinyTensor.matmul($0, $1, transposeA: $2, transposeB: $3) }
  let precision = ProductPrecision.current
  let (first, second) = (precision.rounded(a.value), precision.rounded(b.value))
  let left = b.requiresGradient ? first : nil
  let right = a.requiresGradient ? second : nil
  return Variable.result("matmul", [a, b], product(first, second, transposeA, transposeB)) { gradient, needed in
    let gradient = precision.rounded(gradient)
    var result: [Tensor?] = [nil, nil]
    if needed[0], let right {
      result[0] =
        transposeA ? product(right, gradient, transposeB, true) : product(gradient, right, false, !transposeB)
    }
    if needed[1], let left {
      result[1] =
        transposeB ? product(gradient, left, true, transposeA) : product(left, gradient, !transposeA, false)
    }
    return result
  }
}

/// A fully connected layer, `x · weightᵀ + bias`: `x` is `[rows…, in]`, `weight` `[out, in]` and `bias` `[out]` as in PyTorch, the
/// result `[rows…, out]`.
public func linear(_ x: Variable, weight: Variable, bias: Variable? = nil) -> Variable {
  precondition(
    x.value.rank >= 1 && weight.value.rank == 2 && x.shape.last == weight.shape[1],
    "linear: the input \(x.shape) does not fit the weight \(weight.shape)")
  precondition(bias == nil || bias?.shape == [weight.shape[0]], "linear: one bias per output")
  let shape = x.shape
  let precision = ProductPrecision.current
  let rows = precision.rounded(x.value).reshaped([-1, weight.shape[1]])
  let matrix = precision.rounded(weight.value)
  var value = TinyTensor.matmul(rows, matrix, transposeB: true)
  if let bias { RowKernel.add(bias.value, to: &value) }
  let savedRows = weight.requiresGradient ? rows : nil
  let savedMatrix = x.requiresGradient ? matrix : nil
  return Variable.result(
    "linear", [x, weight] + (bias.map { [$0] } ?? []), value.reshaped(shape.dropLast() + [weight.shape[0]])
  ) { gradient, needed in
    let flat = gradient.reshaped([-1, gradient.shape.last ?? 1])
    let operand = precision.rounded(flat)
    return [
      needed[0] ? savedMatrix.map { TinyTensor.matmul(operand, $0).reshaped(shape) } : nil,
      needed[1] ? savedRows.map { TinyTensor.matmul(operand, $0, transposeA: true) } : nil,
    ] + needed.dropFirst(2).map { $0 ? columnSums(flat) : nil }
  }
}
