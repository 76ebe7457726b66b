import TinyTensor

/// Backward passes of the element-wise parts of a layer.
enum GradientKernels {
  /// Gradient of RMSNorm's input: for y = x r w with r = 1/√(mean(x²)+ε), `dx = r (dy w) - x r³ mean(dy w x)`.
  static func rmsNorm(_ dy: Tensor, x: Tensor, weight: [Float], epsilon: Float) -> Tensor {
    let width = x.shape[1]
    return rowwise(dy, x) { dy, x, dx in
      weight.withUnsafeBufferPointer { buffer in
        guard let weight = buffer.baseAddress else { return }
        var squares = Float8.zero
        var products = Float8.zero
        forEachEight(width) { start, lanes in
          let value = loadUpTo8(x + start, lanes)
          squares = multiplyAdd(squares, value, value)
          products = multiplyAdd(
            products, loadUpTo8(dy + start, lanes) * loadUpTo8(weight + start, lanes), value)
        }
        let scale = 1 / (laneSum(squares) / Float(width) + epsilon).squareRoot()
        let r = Float8(repeating: scale)
        let correction = Float8(repeating: scale * scale * scale * laneSum(products) / Float(width))
        forEachEight(width) { start, lanes in
          let direct = loadUpTo8(dy + start, lanes) * loadUpTo8(weight + start, lanes) * r
          storeUpTo8(direct - loadUpTo8(x + start, lanes) * correction, dx + start, lanes)
        }
      }
    }
  }

  /// Gradients of gate and up for s = silu(g) u: `du = ds silu(g)`, `dg = ds u σ(g) (1 + g (1 - σ(g)))`.
  static func swiGLU(_ ds: Tensor, gate: Tensor, up: Tensor) -> (gate: Tensor, up: Tensor) {
    var dg = Tensor(uninitialized: gate.shape)
    var du = Tensor(uninitialized: gate.shape)
    let width = gate.shape[1]
    dg.withUnsafeMutableBufferPointer { dgBuffer in
      du.withUnsafeMutableBufferPointer { duBuffer in
        guard let dg = dgBuffer.baseAddress, let du = duBuffer.baseAddress else { return }
        withPointers(ds, gate, up) { ds, gate, up in
          RowKernels.parallelRows(dgBuffer.count / max(1, width), width: 16 * width) { row in
            let base = row * width
            forEachEight(width) { start, lanes in
              let g = loadUpTo8(gate + base + start, lanes)
              let sigmoid = 1 / (exponential(-g) + 1)
              let d = loadUpTo8(ds + base + start, lanes)
              storeUpTo8(d * g * sigmoid, du + base + start, lanes)
              let slope = sigmoid * (1 + g * (1 - sigmoid))
              storeUpTo8(d * loadUpTo8(up + base + start, lanes) * slope, dg + base + start, lanes)
            }
          }
        }
      }
    }
    return (dg, du)
  }

  /// A tensor in the shape of `a`, filled row by row from the rows of `a` and `b`.
  private static func rowwise(
    _ a: Tensor, _ b: Tensor,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let width = a.shape[1]
    var result = Tensor(uninitialized: a.shape)
    result.withUnsafeMutableBufferPointer { output in
      guard let target = output.baseAddress else { return }
      withPointers(a, b, b) { a, b, _ in
        RowKernels.parallelRows(output.count / max(1, width), width: 4 * width) { row in
          body(a + row * width, b + row * width, target + row * width)
        }
      }
    }
    return result
  }

  static func withPointers(
    _ a: Tensor, _ b: Tensor, _ c: Tensor,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        c.withUnsafeBufferPointer { z in
          guard let x = x.baseAddress, let y = y.baseAddress, let z = z.baseAddress else { return }
          body(x, y, z)
        }
      }
    }
  }
}
