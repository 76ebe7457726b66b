/// The product of two matrices, `[m, k] × [k, n] → [m, n]`, each taken transposed on request.
///
/// Threaded; the result does not depend on the thread count.
public func matmul(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) -> Tensor {
  precondition(a.rank == 2 && b.rank == 2, "matmul needs matrices, got \(a.shape) and \(b.shape)")
  let (m, k) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
  let (inner, n) = transposeB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
  precondition(k == inner, "matmul: inner dimensions \(k) and \(inner) differ (\(a.shape), \(b.shape))")
  return .filled([m, n]) { c in
    withPointers(a, b) { x, y in
      gemm(
        m: m, n: n, k: k, a: x, rowStrideA: transposeA ? 1 : k, columnStrideA: transposeA ? m : 1, b: y,
        rowStrideB: transposeB ? 1 : n, columnStrideB: transposeB ? k : 1, c: c, rowStrideC: n, accumulate: false)
    }
  }
}
