import TinyTensor

/// Value and gradient of `‖conv(W, W; stride 1, pad 1) − I₀‖_F` for a 3×3 kernel tensor (section 2.3).
///
/// With `G_pq[o, o'] = Σ W[o, c, u + p − 1, v + q − 1] · W[o', c, u, v]` the nine offset matrices satisfy
/// `G_pq = G_{2−p,2−q}ᵀ`, so the centre and four others carry everything. Every offset is one matrix product over the taps
/// that overlap: 9, 6, 4, 6, 4 of nine.
struct OrthogonalityKernel {
  /// An offset with its weight in the squared norm and the taps that overlap.
  private struct Offset {
    let row: Int
    let column: Int
    let weight: Float

    /// Pairs of taps `(3u + v of W[o'], shifted tap of W[o])` that lie inside the 3×3 window.
    var taps: [(plain: Int, shifted: Int)] {
      (0..<9).compactMap { tap in
        let u = tap / 3 + row
        let v = tap % 3 + column
        return (0..<3).contains(u) && (0..<3).contains(v) ? (tap, 3 * u + v) : nil
      }
    }
  }

  private static let offsets = [
    Offset(row: 0, column: 0, weight: 1), Offset(row: 0, column: 1, weight: 2), Offset(row: 1, column: -1, weight: 2),
    Offset(row: 1, column: 0, weight: 2), Offset(row: 1, column: 1, weight: 2),
  ]

  /// Computes the norm and, on request, its gradient with respect to the weight.
  /// - Parameter weight: `[out, in, 3, 3]`.
  /// - Returns: the norm, and the gradient `[out, in, 3, 3]` (0 where the norm is 0).
  static func evaluate(_ weight: Tensor, gradient wantsGradient: Bool) -> (norm: Float, gradient: Tensor?) {
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    var squared = 0.0
    var residuals: [Tensor] = []
    var packed: [(shifted: Tensor, plain: Tensor)] = []
    for offset in offsets {
      let taps = offset.taps
      let shifted = pack(weight, taps: taps.map(\.shifted))
      let plain = offset.row == 0 && offset.column == 0 ? shifted : pack(weight, taps: taps.map(\.plain))
      var residual = matmul(shifted, plain, transposeB: true)
      if offset.row == 0 && offset.column == 0 { subtractIdentity(&residual) }
      squared += Double(offset.weight) * sumOfSquares(residual)
      residuals.append(residual)
      packed.append((shifted, plain))
    }
    let norm = Float(squared.squareRoot())
    guard wantsGradient else { return (norm, nil) }
    var gradient = Tensor(zeros: weight.shape)
    guard norm > 0 else { return (norm, gradient) }
    for (index, offset) in offsets.enumerated() {
      let taps = offset.taps
      // d‖R‖ = ⟨R, dR⟩ / ‖R‖, and G is bilinear: one term for each role of W.
      let scaled = residuals[index] * (offset.weight / norm)
      scatter(
        matmul(scaled, packed[index].plain), taps: taps.map(\.shifted), inputs: inputs, outputs: outputs,
        into: &gradient)
      scatter(
        matmul(scaled, packed[index].shifted, transposeA: true), taps: taps.map(\.plain), inputs: inputs,
        outputs: outputs, into: &gradient)
    }
    return (norm, gradient)
  }

  /// The chosen taps of every (output, input) pair as a matrix `[out, in · taps]`.
  private static func pack(_ weight: Tensor, taps: [Int]) -> Tensor {
    let inputs = weight.shape[1]
    var result = Tensor(uninitialized: [weight.shape[0], inputs * taps.count])
    weight.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        forEachRow(weight.shape[0], length: 9 * inputs) { row in
          taps.withUnsafeBufferPointer { taps in
            var from = source + row * 9 * inputs
            var to = target + row * inputs * taps.count
            for _ in 0..<inputs {
              for position in 0..<taps.count { to[position] = from[taps[position]] }
              from += 9
              to += taps.count
            }
          }
        }
      }
    }
    return result
  }

  /// Adds a matrix `[out, in · taps]` to the chosen taps of the gradient.
  private static func scatter(
    _ matrix: Tensor, taps: [Int], inputs: Int, outputs: Int, into gradient: inout Tensor
  ) {
    matrix.withUnsafeBufferPointer { source in
      gradient.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        forEachRow(outputs, length: 9 * inputs) { row in
          taps.withUnsafeBufferPointer { taps in
            var from = source + row * inputs * taps.count
            var to = target + row * 9 * inputs
            for _ in 0..<inputs {
              for position in 0..<taps.count { to[taps[position]] += from[position] }
              from += taps.count
              to += 9
            }
          }
        }
      }
    }
  }

  /// Rows in parallel, unless they are too short to be worth it.
  private static func forEachRow(_ rows: Int, length: Int, _ body: (Int) -> Void) {
    if rows * length < 32_768 {
      for row in 0..<rows { body(row) }
    } else {
      parallelFor(rows, body)
    }
  }

  private static func subtractIdentity(_ matrix: inout Tensor) {
    let size = matrix.shape[0]
    matrix.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<size { buffer[index * size + index] -= 1 }
    }
  }

  private static func sumOfSquares(_ tensor: Tensor) -> Double {
    tensor.withUnsafeBufferPointer { buffer in
      var total = 0.0
      for start in stride(from: 0, to: buffer.count, by: 512) {
        var sum = SIMD8<Float>.zero
        let end = min(buffer.count, start + 512)
        var index = start
        while index + 8 <= end {
          let x = SIMD8(buffer[index..<index + 8])
          sum += x * x
          index += 8
        }
        var tail: Float = 0
        while index < end {
          tail += buffer[index] * buffer[index]
          index += 1
        }
        total += Double(sum.sum() + tail)
      }
      return total
    }
  }
}
