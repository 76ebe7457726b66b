import TinyTensor

/// `dx = dy · W` for packed weights: the backward pass of `y = x Wᵀ`, in floats.
enum TransposedProduct {
  /// Outputs (rows of W) that are unpacked at a time, at most: bounds the scratch memory for an output head.
  static let rowBlock = 4096

  /// The gradient of the input, `[rows, columns of W]`, for a gradient of the output `[rows, rows of W]`.
  static func gradient(_ outputGradient: Tensor, _ matrix: PackedMatrix) -> Tensor {
    let count = outputGradient.shape[0]
    precondition(
      outputGradient.shape[1] == matrix.rows, "a gradient \(outputGradient.shape) for \(matrix.rows) outputs")
    var result = Tensor(zeros: [count, matrix.columns])
    guard count > 0 else { return result }
    result.withUnsafeMutableBufferPointer { output in
      outputGradient.withUnsafeBufferPointer { input in
        guard let dx = output.baseAddress, let dy = input.baseAddress else { return }
        for start in stride(from: 0, to: matrix.rows, by: rowBlock) {
          let rows = min(rowBlock, matrix.rows - start)
          accumulate(dy + start, count: count, stride: matrix.rows, matrix, firstRow: start, rows: rows, into: dx)
        }
      }
    }
    return result
  }

  /// `dx += dy[:, rows] · W[rows, :]`. Panels are unpacked to `[column][row]`, which the product reads transposed.
  private static func accumulate(
    _ dy: UnsafePointer<Float>, count: Int, stride dyStride: Int, _ matrix: PackedMatrix, firstRow: Int, rows: Int,
    into dx: UnsafeMutablePointer<Float>
  ) {
    let panels = (rows + PackedMatrix.panelRows - 1) / PackedMatrix.panelRows
    let stride = panels * PackedMatrix.panelRows
    withScratch(Float.self, count: stride * matrix.columns) { weights in
      parallelFor(panels) { panel in
        matrix.unpack(
          panel: firstRow / PackedMatrix.panelRows + panel, into: weights + panel * PackedMatrix.panelRows,
          stride: stride)
      }
      gemm(
        m: count, n: matrix.columns, k: rows, a: dy, rowStrideA: dyStride, columnStrideA: 1, b: weights,
        rowStrideB: 1, columnStrideB: stride, c: dx, rowStrideC: matrix.columns, accumulate: true)
    }
  }
}
