import TinyTensor

/// A differentiable function of one number, evaluated on eight at a time.
protocol PointwiseFunction {
  /// Whether ``derivative(_:)`` takes the output of the function instead of its input. Then the input need not be kept, and
  /// the output is usually alive anyway.
  static var differentiatesFromOutput: Bool { get }
  func value(_ x: Lanes) -> Lanes
  /// The derivative, from the input or the output.
  func derivative(_ saved: Lanes) -> Lanes
}

/// Loops that apply a ``PointwiseFunction``; specialised for each function.
enum PointwiseKernel {
  static func forward<Function: PointwiseFunction>(_ function: Function, _ x: Tensor) -> Tensor {
    var result = Tensor(uninitialized: x.shape)
    result.withUnsafeMutableBufferPointer { target in
      x.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        parallelRanges(x.count) { range in
          var index = range.lowerBound
          while index + 8 <= range.upperBound {
            output.store(function.value(input.lanes(index)), at: index)
            index += 8
          }
          let rest = range.upperBound - index
          if rest > 0 {
            output.store(function.value(input.partialLanes(index, count: rest)), at: index, count: rest)
          }
        }
      }
    }
    return result
  }

  /// Multiplies `gradient` in place by the derivative.
  static func backward<Function: PointwiseFunction>(_ function: Function, saved: Tensor, gradient: inout Tensor) {
    gradient.withUnsafeMutableBufferPointer { target in
      saved.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        parallelRanges(target.count) { range in
          var index = range.lowerBound
          while index + 8 <= range.upperBound {
            output.store(
              UnsafePointer(output).lanes(index) * function.derivative(input.lanes(index)), at: index)
            index += 8
          }
          let rest = range.upperBound - index
          if rest > 0 {
            let slope = function.derivative(input.partialLanes(index, count: rest))
            output.store(UnsafePointer(output).partialLanes(index, count: rest) * slope, at: index, count: rest)
          }
        }
      }
    }
  }

  /// Records `function` as an operation on `x`.
  static func apply<Function: PointwiseFunction>(_ name: String, _ function: Function, _ x: Variable) -> Variable {
    let value = forward(function, x.value)
    let saved = Function.differentiatesFromOutput ? value : x.value
    return Variable.result(name, x, value) { gradient in
      backward(function, saved: saved, gradient: &gradient)
      return gradient
    }
  }
}
