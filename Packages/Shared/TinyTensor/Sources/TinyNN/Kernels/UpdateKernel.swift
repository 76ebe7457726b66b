import TinyTensor

/// Loops over a parameter, its gradient and its optimiser slots at once, so that a step is one pass over memory.
enum UpdateKernel {
  /// `body(parameter, gradient)` returns the new parameter.
  static func apply(_ parameter: Variable, _ gradient: Tensor, _ body: @Sendable (Lanes, Lanes) -> Lanes) {
    parameter.value.updateLanes(with: gradient, body)
  }

  /// `body(&parameter, gradient, &slot)` changes parameter and slot.
  @inline(__always)
  static func apply(
    _ parameter: Variable, _ gradient: Tensor, _ slot: inout Tensor, _ body: (inout Lanes, Lanes, inout Lanes) -> Void
  ) {
    precondition(slot.shape == parameter.shape, "optimiser state of shape \(slot.shape) for \(parameter.shape)")
    parameter.value.withUnsafeMutableBufferPointer { weights in
      slot.withUnsafeMutableBufferPointer { slots in
        gradient.withUnsafeBufferPointer { gradients in
          guard let w = weights.baseAddress, let s = slots.baseAddress, let g = gradients.baseAddress else { return }
          forEachVector(weights.count) { index, end in
            var weight = w.lanes(index)
            var state = s.lanes(index)
            body(&weight, g.lanes(index), &state)
            w.store(weight, at: index, end: end)
            s.store(state, at: index, end: end)
          }
        }
      }
    }
  }

  /// `body(&parameter, gradient, &first, &second)` changes parameter and both slots.
  @inline(__always)
  static func apply(
    _ parameter: Variable, _ gradient: Tensor, _ first: inout Tensor, _ second: inout Tensor,
    _ body: (inout Lanes, Lanes, inout Lanes, inout Lanes) -> Void
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
            forEachVector(weights.count) { index, end in
              var weight = w.lanes(index)
              var one = a.lanes(index)
              var other = b.lanes(index)
              body(&weight, g.lanes(index), &one, &other)
              w.store(weight, at: index, end: end)
              a.store(one, at: index, end: end)
              b.store(other, at: index, end: end)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func forEachVector(_ count: Int, _ body: (_ index: Int, _ end: Int) -> Void) {
    parallelRanges(count) { range in
      var index = range.lowerBound
      while index < range.upperBound {
        body(index, range.upperBound)
        index += Lanes.scalarCount
      }
    }
  }
}
