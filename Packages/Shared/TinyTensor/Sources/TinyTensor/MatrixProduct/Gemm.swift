/// The general matrix product `C (+)= A · B` on raw memory: A is `m × k`, B is `k × n`, C is `m × n` with contiguous rows.
///
/// A and B have arbitrary strides, so any of the transposed forms costs the same; C must not overlap them. Threaded; the result
/// does not depend on the thread count. Called from inside `parallelFor` it runs serially.
public func gemm(
  m: Int, n: Int, k: Int, a: UnsafePointer<Float>, rowStrideA: Int, columnStrideA: Int, b: UnsafePointer<Float>,
  rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Float>, rowStrideC: Int, accumulate: Bool
) {
  guard isWork(m: m, n: n, k: k, c: c, rowStrideC: rowStrideC, accumulate: accumulate) else { return }
  FloatGemm.multiply(
    m: m, n: n, k: k, a: LineView(pointer: a, lineStride: rowStrideA, stepStride: columnStrideA),
    b: LineView(pointer: b, lineStride: columnStrideB, stepStride: rowStrideB), c: c, rowStrideC: rowStrideC,
    accumulate: accumulate)
}

/// The matrix product of bfloat16 operands, summed in `Float`: `C (+)= A · B` with the layout of the `Float` form.
///
/// With the instruction `vdpbf16ps` (AVX-512 BF16) two products per lane and step, which flush subnormals to zero; elsewhere the operands are
/// widened on their way into the panels, and every product is exact. Threaded; the result does not depend on the thread count.
public func gemm(
  m: Int, n: Int, k: Int, a: UnsafePointer<BFloat16>, rowStrideA: Int, columnStrideA: Int, b: UnsafePointer<BFloat16>,
  rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Float>, rowStrideC: Int, accumulate: Bool
) {
  guard isWork(m: m, n: n, k: k, c: c, rowStrideC: rowStrideC, accumulate: accumulate) else { return }
  BFloat16Gemm.multiply(
    m: m, n: n, k: k, a: a, rowStrideA: rowStrideA, columnStrideA: columnStrideA, b: b, rowStrideB: rowStrideB,
    columnStrideB: columnStrideB, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
}

/// The matrix product of signed bytes, summed in 32-bit integers: `C (+)= A · B` with the layout of the `Float` form.
///
/// Exact for all operands, −128 included, as long as the sums fit 32 bits, which any depth up to 131 071 guarantees; larger sums wrap
/// around. No intermediate result saturates. Threaded; the result does not depend on the thread count.
public func gemm(
  m: Int, n: Int, k: Int, a: UnsafePointer<Int8>, rowStrideA: Int, columnStrideA: Int, b: UnsafePointer<Int8>,
  rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Int32>, rowStrideC: Int, accumulate: Bool
) {
  guard isWork(m: m, n: n, k: k, c: c, rowStrideC: rowStrideC, accumulate: accumulate) else { return }
  ByteGemm.multiply(
    m: m, n: n, k: k, a: a, rowStrideA: rowStrideA, columnStrideA: columnStrideA, b: b, rowStrideB: rowStrideB,
    columnStrideB: columnStrideB, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
}

/// Whether there is anything to multiply; a product without depth is zero.
private func isWork<Word: Numeric>(
  m: Int, n: Int, k: Int, c: UnsafeMutablePointer<Word>, rowStrideC: Int, accumulate: Bool
) -> Bool {
  guard m > 0 && n > 0 else { return false }
  if k > 0 { return true }
  if !accumulate {
    for row in 0..<m { (c + row * rowStrideC).update(repeating: 0, count: n) }
  }
  return false
}
