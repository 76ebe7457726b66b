import Testing
import TinyNN
import TinyTensor

/// Reproducible test data in `range`.
func sample(_ shape: [Int], in range: ClosedRange<Float> = -1...1, _ name: String = "x") -> Tensor {
  var generator = Philox(seed: 7, stream: "test.\(name).\(shape)")
  return .uniform(shape, in: range, using: &generator)
}

/// The same data moved at least `margin` away from the given points, where a function has a kink.
func sample(_ shape: [Int], in range: ClosedRange<Float>, avoiding kinks: [Float], margin: Float = 1e-2) -> Tensor {
  sample(shape, in: range).map { value in
    for kink in kinks where abs(value - kink) < margin { return kink + (value < kink ? -margin : margin) }
    return value
  }
}

/// A tensor whose elements all differ by at least 0.05, in shuffled order: for max-pooling away from ties.
func distinct(_ shape: [Int]) -> Tensor {
  var generator = Philox(seed: 3, stream: "distinct.\(shape)")
  let count = shape.reduce(1, *)
  return Tensor(shape: shape, (0..<count).map { Float($0) * 0.05 - 1 }.shuffled(using: &generator))
}

/// Whether an operation and its gradient agree with the reference within the rounding of `Float`.
func expectAgreement(
  _ inputs: [Tensor], tolerance: Double = 2e-5, sourceLocation: SourceLocation = #_sourceLocation,
  _ computed: ([Variable]) -> Variable, reference: ([[Double]]) -> [Double]
) {
  let result = GradientCheck.operation(inputs: inputs, computed: computed, reference: reference)
  #expect(result.isWithin(tolerance), "\(result)", sourceLocation: sourceLocation)
}

/// Whether numbers agree up to `tolerance · (1 + |expected|)`.
func expectClose(
  _ actual: [Float], _ expected: [Double], tolerance: Double = 1e-6, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (index, pair) in zip(actual, expected).enumerated() {
    let difference = abs(Double(pair.0) - pair.1)
    if difference <= tolerance * (1 + abs(pair.1)) { continue }
    Issue.record("element \(index) is \(pair.0), expected \(pair.1)", sourceLocation: sourceLocation)
    return
  }
}

/// Whether a scalar agrees up to `tolerance · (1 + |expected|)`.
func expectClose(
  _ actual: Float, _ expected: Double, tolerance: Double = 1e-6, sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose([actual], [expected], tolerance: tolerance, sourceLocation: sourceLocation)
}
