import TinyTensor

/// Loops of the uniform quantisers: `count / scales` consecutive elements share a scale (one scale: the whole tensor; one per
/// output channel: the entries of the first dimension).
struct QuantizationKernel {
  let lower: Float
  let upper: Float

  init(_ range: QuantizationRange) {
    lower = Float(range.lower)
    upper = Float(range.upper)
  }

  /// The code as a float: `clamp(round(x / scale))`, halves to even.
  @inline(__always)
  func code(_ x: Lanes, _ scale: Float) -> Lanes { (x / scale).rounded(.toNearestOrEven).limited(lower, upper) }

  /// `scale · code`.
  func fakeQuantized(_ x: Tensor, scales: [Float]) -> Tensor {
    mapped(x, scales) { code($0, $1) * $1 }
  }

  /// The codes as floats.
  func codes(_ x: Tensor, scales: [Float]) -> Tensor {
    mapped(x, scales) { code($0, $1) }
  }

  /// Sets `gradient` to 0 where the rounded value lies outside of the range.
  func maskGradient(_ gradient: inout Tensor, x: Tensor, scales: [Float]) {
    let mask = mapped(x, scales) { x, scale in
      let rounded = (x / scale).rounded(.toNearestOrEven)
      return Lanes.one(where: (rounded .>= lower) .& (rounded .<= upper))
    }
    gradient.updateLanes(with: mask) { $0 * $1 }
  }

  private func mapped(_ x: Tensor, _ scales: [Float], _ function: (Lanes, Float) -> Lanes) -> Tensor {
    var result = Tensor(uninitialized: x.shape)
    let width = x.count / scales.count
    result.withUnsafeMutableBufferPointer { target in
      x.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        let pieces = max(1, min(width / 16_384, 64))
        parallelFor(scales.count * pieces) { job in
          let (block, piece) = (job / pieces, job % pieces)
          let start = block * width + piece * width / pieces
          let end = block * width + (piece + 1) * width / pieces
          RowKernel.map(input + start, end - start, into: output + start) { function($0, scales[block]) }
        }
      }
    }
    return result
  }
}
