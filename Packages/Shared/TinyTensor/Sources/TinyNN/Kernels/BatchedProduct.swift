import TinyTensor

/// The products of the matrices in two batches, `[batch, m, k] × [batch, k, n] → [batch, m, n]`; batch entries run in parallel.
func batchedMatmul(_ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool) -> Tensor {
  precondition(a.shape[0] == b.shape[0], "matmul: batches \(a.shape) and \(b.shape) differ")
  let (m, k) = transposeA ? (a.shape[2], a.shape[1]) : (a.shape[1], a.shape[2])
  let (inner, n) = transposeB ? (b.shape[2], b.shape[1]) : (b.shape[1], b.shape[2])
  precondition(k == inner, "matmul: inner dimensions \(k) and \(inner) differ (\(a.shape), \(b.shape))")
  var result = Tensor(uninitialized: [a.shape[0], m, n])
  result.withUnsafeMutableBufferPointer { target in
    a.withUnsafeBufferPointer { left in
      b.withUnsafeBufferPointer { right in
        guard let c = target.baseAddress, let x = left.baseAddress, let y = right.baseAddress else { return }
        parallelFor(a.shape[0]) { batch in
          gemm(
            m: m, n: n, k: k, a: x + batch * m * k, rowStrideA: transposeA ? 1 : k, columnStrideA: transposeA ? m : 1,
            b: y + batch * k * n, rowStrideB: transposeB ? 1 : n, columnStrideB: transposeB ? k : 1,
            c: c + batch * m * n, rowStrideC: n, accumulate: false)
        }
      }
    }
  }
  return result
}
