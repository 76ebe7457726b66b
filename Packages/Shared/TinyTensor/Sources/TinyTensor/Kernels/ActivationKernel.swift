/// An activation and its derivative, eight numbers at a time; inlined into the passes that use it.
protocol ActivationFunction {
  typealias Vector = SIMD8<Float>
  /// Whether value and gradient are passed on as they are.
  static var isIdentity: Bool { get }
  static func value(_ x: Vector) -> Vector
  /// The gradient `dy` of the value times the derivative at `x`.
  static func pullBack(_ dy: Vector, at x: Vector) -> Vector
}

extension ActivationFunction {
  @inline(__always) static var isIdentity: Bool { false }
}

enum IdentityFunction: ActivationFunction {
  @inline(__always) static var isIdentity: Bool { true }
  @inline(__always) static func value(_ x: Vector) -> Vector { x }
  @inline(__always) static func pullBack(_ dy: Vector, at x: Vector) -> Vector { dy }
}

/// A NaN passes, so that diverged training shows.
enum RectifierFunction: ActivationFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }
  @inline(__always) static func pullBack(_ dy: Vector, at x: Vector) -> Vector {
    Vector().replacing(with: dy, where: x .> 0)
  }
}

/// Activations over flat buffers, in parallel.
enum ActivationKernel {
  typealias Vector = SIMD8<Float>

  static func apply<Function: ActivationFunction>(
    _ function: Function.Type, _ x: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let streaming = VectorLoop.streams(count: count)
    parallelRanges(count) { range in
      VectorLoop.run(range.lowerBound, range.count, into: target, streaming: streaming) { offset, _ in
        Function.value(loadRow(x + offset))
      }
    }
  }

  /// Turns the gradient of the values into that of `x`, in place.
  static func pullBack<Function: ActivationFunction>(
    _ function: Function.Type, _ gradient: UnsafeMutablePointer<Float>, at x: UnsafePointer<Float>, count: Int
  ) {
    parallelRanges(count) { range in
      VectorLoop.run(range.lowerBound, range.count, into: gradient) { offset, _ in
        Function.pullBack(loadRow(gradient + offset), at: loadRow(x + offset))
      }
    }
  }
}
