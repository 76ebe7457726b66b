import LanguageModelShims
import TinyTensor

/// Element-wise work on rows of activations. Each row depends on itself only.
enum RowKernels {
  /// RMS normalisation (Zhang & Sennrich 2019): `output = x / √(mean(x²) + ε) · weight`.
  @inline(__always)
  static func rmsNorm(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, epsilon: Float, width: Int,
    output: UnsafeMutablePointer<Float>
  ) {
    var sum0 = Float8.zero
    var sum1 = Float8.zero
    var index = 0
    while index + 16 <= width {
      let a = load8(x + index)
      let b = load8(x + index + 8)
      sum0 = multiplyAdd(sum0, a, a)
      sum1 = multiplyAdd(sum1, b, b)
      index += 16
    }
    forEachEight(width - index) { start, lanes in
      let a = loadUpTo8(x + index + start, lanes)
      sum0 = multiplyAdd(sum0, a, a)
    }
    let scale = Float8(repeating: 1 / (laneSum(sum0 + sum1) / Float(width) + epsilon).squareRoot())
    forEachEight(width) { start, lanes in
      let value = loadUpTo8(x + start, lanes) * scale * loadUpTo8(weight + start, lanes)
      storeUpTo8(value, output + start, lanes)
    }
  }

  /// SwiGLU (Shazeer 2020): `output = silu(gate) · up` with `silu(g) = g / (1 + e⁻ᵍ)`.
  @inline(__always)
  static func swiGLU(
    gate: UnsafePointer<Float>, up: UnsafePointer<Float>, width: Int, output: UnsafeMutablePointer<Float>
  ) {
    forEachEight(width) { start, lanes in
      let g = loadUpTo8(gate + start, lanes)
      let value = g / (exponential(-g) + 1) * loadUpTo8(up + start, lanes)
      storeUpTo8(value, output + start, lanes)
    }
  }

  /// `x += scale · y` for all rows.
  static func add(_ y: Rows, to x: Rows, scale: Float = 1) {
    let factor = Float8(repeating: scale)
    parallelRows(x.count, width: x.width) { row in
      let source = y[row]
      let target = x[row]
      forEachEight(x.width) { start, lanes in
        let sum = multiplyAdd(loadUpTo8(target + start, lanes), factor, loadUpTo8(source + start, lanes))
        storeUpTo8(sum, target + start, lanes)
      }
    }
  }

  /// Adds the same vector to every row.
  static func add(bias: [Float], to x: Rows) {
    bias.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for row in 0..<x.count {
        forEachEight(x.width) { start, lanes in
          let target = x[row] + start
          storeUpTo8(loadUpTo8(target, lanes) + loadUpTo8(base + start, lanes), target, lanes)
        }
      }
    }
  }

  /// Normalises all rows and quantises them for the integer kernels on request.
  static func rmsNorm(_ x: Rows, weight: [Float], epsilon: Float, output: Rows, quantized: QuantizedRows?) {
    weight.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      parallelRows(x.count, width: 4 * x.width) { row in
        rmsNorm(x[row], weight: base, epsilon: epsilon, width: x.width, output: output[row])
        quantized?.quantize(output, row: row)
      }
    }
  }

  /// SwiGLU of all rows, quantised on request. `output` may be `gate`.
  static func swiGLU(gate: Rows, up: Rows, output: Rows, quantized: QuantizedRows?) {
    parallelRows(gate.count, width: 16 * gate.width) { row in
      swiGLU(gate: gate[row], up: up[row], width: gate.width, output: output[row])
      quantized?.quantize(output, row: row)
    }
  }

  /// Quantises all rows.
  static func quantize(_ x: Rows, into quantized: QuantizedRows) {
    parallelRows(x.count, width: 2 * x.width) { row in quantized.quantize(x, row: row) }
  }

  /// Calls `body` for every row, in parallel if there is enough work. `width` is a measure of the work in one row.
  @inline(__always)
  static func parallelRows(_ count: Int, width: Int, _ body: (Int) -> Void) {
    if count * width < 1 << 15 {
      for row in 0..<count { body(row) }
    } else {
      parallelFor((count + 7) / 8) { group in
        for row in group * 8..<min(count, group * 8 + 8) { body(row) }
      }
    }
  }
}
