import TinyTensor

/// Loops over a parameter, its gradient and its slots at once, so that a step is one pass over memory.
enum UpdateKernel {
  /// `body(parameter, gradient)` returns the new parameter.
  @inline(__always)
  static func apply(_ parameter: Variable, _ gradient: Tensor, _ body: @Sendable (Float, Float) -> Float) {
    parameter.value.update(with: gradient) { body($0, $1) }
  }

  /// `body(&parameter, gradient, &slot)` changes parameter and slot.
  @inline(__always)
  static func apply(
    _ parameter: Variable, _ gradient: Tensor, _ slot: inout Tensor, _ body: (inout Float, Float, inout Float) -> Void
  ) {
    precondition(slot.shape == parameter.shape, "optimiser state of shape \(slot.shape) for \(parameter.shape)")
    parameter.value.withUnsafeMutableBufferPointer { weights in
      slot.withUnsafeMutableBufferPointer { slots in
        gradient.withUnsafeBufferPointer { gradients in
          guard let w = weights.baseAddress, let s = slots.baseAddress, let g = gradients.baseAddress else { return }
          parallelRanges(weights.count) { range in
            for index in range { body(&w[index], g[index], &s[index]) }
          }
        }
      }
    }
  }

  /// `body(&parameter, gradient, &first, &second)` changes parameter and both slots.
  @inline(__always)
  static func apply(
    _ parameter: Variable, _ gradient: Tensor, _ first: inout Tensor, _ second: inout Tensor,
    _ body: (inout Float, Float, inout Float, inout Float) -> Void
  ) {
    precondition(
      first.shape == parameter.shape && second.shape == parameter.shape,
      "optimiser state of shapes \(first.shape), \(second.shape) for \(parameter.shape)")
    parameter.value.withUnsafeMutableBufferPointer { weights in
      first.withUnsafeMutableBufferPointer { firsts in
        second.withUnsafeMutableBufferPointer { seconds in
          gradient.withUnsafeBufferPointer { gradients in
            guard let w = weights.baseAddress, let a = firsts.baseAddress, let b = seconds.baseAddress,
              let g = gradients.baseAddress
            else { return }
            parallelRanges(weights.count) { range in
              for index in range { body(&w[index], g[index], &a[index], &b[index]) }
            }
          }
        }
      }
    }
  }
}
