/// The product of two bfloat16 matrices, `[m, k] × [k, n] → [m, n]`, each taken transposed on request; summed in `Float`.
///
/// Threaded; the result does not depend on the thread count.
public func matmul(
  _ a: RowMajorMatrix<BFloat16>, _ b: RowMajorMatrix<BFloat16>, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  let form = ProductForm(a, b, transposeA, transposeB)
  return .filled([form.m, form.n]) { c in
    withElements(a, b) { x, y in
      gemm(
        m: form.m, n: form.n, k: form.k, a: x, rowStrideA: form.rowStrideA, columnStrideA: form.columnStrideA, b: y,
        rowStrideB: form.rowStrideB, columnStrideB: form.columnStrideB, c: c, rowStrideC: form.n, accumulate: false)
    }
  }
}

/// The product of two matrices of signed bytes, `[m, k] × [k, n] → [m, n]`, each taken transposed on request.
///
/// Exact for depths up to 131 071 (see the `gemm` of bytes). Threaded; the result does not depend on the thread count.
public func matmul(
  _ a: RowMajorMatrix<Int8>, _ b: RowMajorMatrix<Int8>, transposeA: Bool = false, transposeB: Bool = false
) -> RowMajorMatrix<Int32> {
  let form = ProductForm(a, b, transposeA, transposeB)
  return RowMajorMatrix(rows: form.m, columns: form.n) { c in
    withElements(a, b) { x, y in
      gemm(
        m: form.m, n: form.n, k: form.k, a: x, rowStrideA: form.rowStrideA, columnStrideA: form.columnStrideA, b: y,
        rowStrideB: form.rowStrideB, columnStrideB: form.columnStrideB, c: c, rowStrideC: form.n, accumulate: false)
    }
  }
}

/// Sizes and strides of a product of row-major matrices.
private struct ProductForm {
  let (m, n, k): (Int, Int, Int)
  let (rowStrideA, columnStrideA): (Int, Int)
  let (rowStrideB, columnStrideB): (Int, Int)

  init<T>(_ a: RowMajorMatrix<T>, _ b: RowMajorMatrix<T>, _ transposeA: Bool, _ transposeB: Bool) {
    (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    n = transposeB ? b.rows : b.columns
    let inner = transposeB ? b.columns : b.rows
    precondition(k == inner, "matmul: inner dimensions \(k) and \(inner) differ")
    (rowStrideA, columnStrideA) = transposeA ? (1, a.columns) : (a.columns, 1)
    (rowStrideB, columnStrideB) = transposeB ? (1, b.columns) : (b.columns, 1)
  }
}

private func withElements<T>(
  _ a: RowMajorMatrix<T>, _ b: RowMajorMatrix<T>, _ body: (UnsafePointer<T>, UnsafePointer<T>) -> Void
) {
  a.elements.withUnsafeBufferPointer { x in
    b.elements.withUnsafeBufferPointer { y in
      // An empty operand has no address; without elements none is read.
      let nowhere = UnsafePointer<T>(bitPattern: MemoryLayout<T>.alignment)
      guard let left = x.baseAddress ?? nowhere, let right = y.baseAddress ?? nowhere else { return }
      body(left, right)
    }
  }
}
