import TinyTensor

/// A differentiable function of one number, evaluated on sixteen at a time.
protocol PointwiseFunction: Sendable {
  /// Whether ``derivative(_:)`` takes the output of the function instead of its input. Then the input need not be kept, and
  /// the output is usually alive anyway.
  static var differentiatesFromOutput: Bool { get }
  func value(_ x: Lanes) -> Lanes
  /// The derivative, from the input or the output.
  func derivative(_ saved: Lanes) -> Lanes
}

/// Operations made from pointwise functions.
enum PointwiseKernel {
  /// Records `function` as an operation on `x`.
  static func apply<Function: PointwiseFunction>(_ name: String, _ function: Function, _ x: Variable) -> Variable {
    let value = x.value.mapLanes { function.value($0) }
    let saved = Function.differentiatesFromOutput ? value : x.value
    return Variable.result(name, x, value) { gradient in
      gradient.updateLanes(with: saved) { $0 * function.derivative($1) }
      return gradient
    }
  }
}
