import TinyTensor

/// Sum of absolute values and its subgradient.
enum L1Kernel {
  /// `Σ|x|`, accumulated in Double over short Float runs.
  static func sum(_ tensor: Tensor) -> Double {
    tensor.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var total = 0.0
      for start in stride(from: 0, to: buffer.count, by: 512) {
        let end = min(buffer.count, start + 512)
        var run = SIMD8<Float>.zero
        var index = start
        while index + 8 <= end {
          let x = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self)
          run += x.replacing(with: -x, where: x .< 0)
          index += 8
        }
        var tail: Float = 0
        while index < end {
          tail += abs(base[index])
          index += 1
        }
        total += Double(run.sum() + tail)
      }
      return total
    }
  }

  /// `lambda · sign(x) + scale · other`, with sign(0) = 0.
  static func gradient(_ tensor: Tensor, lambda: Float, adding other: Tensor?, scaledBy scale: Float) -> Tensor {
    var result = Tensor(uninitialized: tensor.shape)
    tensor.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { target in
        for index in x.indices {
          let value = x[index]
          target[index] = value > 0 ? lambda : value < 0 ? -lambda : 0
        }
        other?.withUnsafeBufferPointer { addition in
          for index in addition.indices { target[index] += scale * addition[index] }
        }
      }
    }
    return result
  }
}
