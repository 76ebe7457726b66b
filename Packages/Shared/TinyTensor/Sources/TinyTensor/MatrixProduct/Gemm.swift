/// The general matrix product `C (+)= A · B` on raw memory: A is `m × k`, B is `k × n`, C is `m × n` with contiguous rows.
///
/// A and B have arbitrary strides, so any of the transposed forms costs the same; C must not overlap them. Threaded; the result
/// does not depend on the thread count. Called from inside `parallelFor` it runs serially.
public func gemm(
  m: Int, n: Int, k: Int, a: UnsafePointer<Float>, rowStrideA: Int, columnStrideA: Int, b: UnsafePointer<Float>,
  rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Float>, rowStrideC: Int, accumulate: Bool
) {
  guard m > 0 && n > 0 else { return }
  if k <= 0 {
    if !accumulate {
      for row in 0..<m { (c + row * rowStrideC).update(repeating: 0, count: n) }
    }
    return
  }
  KernelChoice.gemm(
    m: m, n: n, k: k, a: MatrixView(pointer: a, rowStride: rowStrideA, columnStride: columnStrideA),
    b: MatrixView(pointer: b, rowStride: rowStrideB, columnStride: columnStrideB), c: c, rowStrideC: rowStrideC,
    accumulate: accumulate)
}
