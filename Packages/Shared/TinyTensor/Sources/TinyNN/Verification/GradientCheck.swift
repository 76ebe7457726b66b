import TinyTensor

/// Checks gradients against differences: for the tests of every package that adds an operation.
public enum GradientCheck {
  /// How well two sets of numbers agree, at the worst place.
  public struct Deviation: Sendable, CustomStringConvertible {
    /// `|computed − expected|`, relative to the scale of the check; 0 if nothing was compared, ∞ for NaN.
    public private(set) var error = 0.0
    /// Where the worst place is.
    public private(set) var place = ""
    /// What the code under test says there.
    public private(set) var computed = 0.0
    /// What the reference says there.
    public private(set) var expected = 0.0

    /// Takes a pair of numbers in, deviating relative to `1 + |expected|`.
    mutating func compare(_ computed: Double, _ expected: Double, at place: @autoclosure () -> String) {
      compare(computed, expected, relativeTo: 1 + Swift.abs(expected), at: place())
    }

    /// Takes a pair of numbers in, deviating relative to `scale`.
    mutating func compare(
      _ computed: Double, _ expected: Double, relativeTo scale: Double, at place: @autoclosure () -> String
    ) {
      let deviation = Swift.abs(computed - expected) / scale
      let error = deviation.isFinite ? deviation : .infinity
      guard error > self.error else { return }
      (self.error, self.place, self.computed, self.expected) = (error, place(), computed, expected)
    }

    /// Error, place and both numbers.
    public var description: String { "error \(error) at \(place): computed \(computed), expected \(expected)" }
  }

  /// The outcome of ``operation(inputs:seed:step:computed:reference:)``.
  public struct Result: Sendable, CustomStringConvertible {
    /// Agreement of the values.
    public internal(set) var value = Deviation()
    /// Agreement of the gradients with central differences of the reference.
    public internal(set) var gradient = Deviation()

    /// Whether both agree up to `tolerance`.
    public func isWithin(_ tolerance: Double) -> Bool { value.error <= tolerance && gradient.error <= tolerance }

    /// Both deviations.
    public var description: String { "value: \(value); gradient: \(gradient)" }
  }

  /// Compares an operation and its gradient with a slow reference in `Double`.
  ///
  /// The output is projected on fixed random directions, so that every element of the Jacobian counts; the gradient of the
  /// projection is compared with central differences of the reference, element by element. Choose inputs away from kinks.
  ///
  /// - Parameters:
  ///   - inputs: the point; all inputs are differentiated.
  ///   - seed: of the projection.
  ///   - step: h of the central differences `(f(x + h) − f(x − h)) / 2h`.
  ///   - computed: the operation under test.
  ///   - reference: the same on flat row-major arrays, returning the flat output.
  public static func operation(
    inputs: [Tensor], seed: UInt64 = 1, step: Double = 1e-5, computed: ([Variable]) -> Variable,
    reference: ([[Double]]) -> [Double]
  ) -> Result {
    let variables = inputs.map { Variable($0, requiresGradient: true) }
    let output = computed(variables)
    var point = inputs.map { $0.scalars.map(Double.init) }
    let expected = reference(point)
    precondition(
      expected.count == output.value.count, "the reference returned \(expected.count) values for \(output.value.count)")
    var result = Result()
    for (index, value) in output.value.scalars.enumerated() {
      result.value.compare(Double(value), expected[index], at: "output[\(index)]")
    }

    var generator = Philox(seed: seed, stream: "gradient check")
    let projection = Tensor.uniform(output.shape, in: -1...1, using: &generator)
    let weights = projection.scalars.map(Double.init)
    func projected() -> Double { zip(reference(point), weights).reduce(0) { $0 + $1.0 * $1.1 } }
    output.backward(projection)
    for (number, variable) in variables.enumerated() {
      let gradient = variable.gradient?.scalars ?? [Float](repeating: 0, count: variable.value.count)
      for index in gradient.indices {
        let centre = point[number][index]
        point[number][index] = centre + step
        let above = projected()
        point[number][index] = centre - step
        let below = projected()
        point[number][index] = centre
        result.gradient.compare(
          Double(gradient[index]), (above - below) / (2 * step), at: "input \(number)[\(index)]")
      }
    }
    return result
  }

  /// Compares the gradient of a whole network's loss with its change along random directions, all in `Float`.
  ///
  /// For each direction d (of length 1, over all parameters), `Σ gradient · d` is compared with
  /// `(loss(w + hd) − loss(w − hd)) / 2h`; h is chosen so that the loss should move by about `change`. Expect agreement within 1 %.
  ///
  /// - Parameters:
  ///   - parameters: leaves that require gradients; restored afterwards, gradients cleared.
  ///   - directions: how many directions are tried.
  ///   - change: the intended change of the loss.
  ///   - maximumStep: an upper limit for h.
  ///   - seed: of the directions.
  ///   - loss: the loss at the present values; must be deterministic, so leave dropout out or reseed it.
  /// - Returns: the deviation of the gradient from the difference, relative to the greater of them, at the worst direction.
  public static func directional(
    parameters: [Variable], directions: Int = 5, change: Double = 1e-2, maximumStep: Double = 0.1, seed: UInt64 = 1,
    loss: () throws -> Variable
  ) rethrows -> Deviation {
    parameters.clearGradients()
    try loss().backward()
    let origin = parameters.map(\.value)
    let gradients = parameters.map(\.gradient)
    parameters.clearGradients()
    defer { for (parameter, value) in zip(parameters, origin) { parameter.value = value } }
    func lossAt(_ step: Double, along direction: [Tensor]) throws -> Double {
      for (position, parameter) in parameters.enumerated() {
        var moved = origin[position]
        moved.add(direction[position], scaledBy: Float(step))
        parameter.value = moved
      }
      return Double(try withoutGradients { try loss().value.item })
    }
    var worst = Deviation()
    var generator = Philox(seed: seed, stream: "directional check")
    for number in 0..<directions {
      let raw = parameters.map { Tensor.normal($0.shape, using: &generator) }
      let length = raw.reduce(0.0) { $0 + $1.sumOfSquares() }.squareRoot()
      let direction = raw.map { $0 * Float(1 / length) }
      let derivative = zip(gradients, direction).reduce(0.0) { $0 + Double($1.0?.dot($1.1) ?? 0) }
      let step = min(maximumStep, change / max(Swift.abs(derivative), 1e-12))
      let slope = try (lossAt(step, along: direction) - lossAt(-step, along: direction)) / (2 * step)
      let scale = max(Swift.abs(derivative), Swift.abs(slope), 1e-12)
      worst.compare(derivative, slope, relativeTo: scale, at: "direction \(number)")
    }
    return worst
  }
}
