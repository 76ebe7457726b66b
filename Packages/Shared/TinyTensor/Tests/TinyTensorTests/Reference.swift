import Testing
import TinyTensor

// Slow, obvious implementations in Double that the kernels are compared with.

/// A row-major array of `Double`, as plain as can be.
struct ReferenceArray {
  var shape: [Int]
  var values: [Double]

  init(shape: [Int], values: [Double]) {
    self.shape = shape
    self.values = values
  }

  init(zeros shape: [Int]) { self.init(shape: shape, values: .init(repeating: 0, count: shape.reduce(1, *))) }
  init(_ tensor: Tensor) { self.init(shape: tensor.shape, values: tensor.scalars.map(Double.init)) }

  func offset(_ indices: [Int]) -> Int { zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 } }

  subscript(_ indices: Int...) -> Double {
    get { values[offset(indices)] }
    set { values[offset(indices)] = newValue }
  }
}

/// Whether `actual` agrees with the reference within the tolerance of the house, `2e-5 · (1 + |ref|) · √K / 8`, where K is the
/// length of the reduction (at least 64 is assumed, so that short sums are allowed plain rounding).
func agrees(
  _ actual: Tensor, _ expected: ReferenceArray, reduction: Int = 64, _ note: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.shape == expected.shape, "\(note)", sourceLocation: sourceLocation)
  guard actual.shape == expected.shape else { return }
  let factor = 2e-5 * Double(max(64, reduction)).squareRoot() / 8
  let scalars = actual.scalars
  for index in scalars.indices {
    let difference = abs(Double(scalars[index]) - expected.values[index])
    if !(difference <= factor * (1 + abs(expected.values[index]))) {
      Issue.record(
        "\(note): element \(index) of \(actual.shape) is \(scalars[index]), expected \(expected.values[index])",
        sourceLocation: sourceLocation)
      return
    }
  }
}

/// Reproducible test data, roughly in -1…1.
func sample(_ shape: [Int], _ name: String = "x", seed: UInt64 = 1) -> Tensor {
  var generator = Philox(seed: seed, stream: "test.\(name).\(shape)")
  return .uniform(shape, in: -1...1, using: &generator)
}

/// Runs `body` with 1, 2 and 3 threads and checks that the results are identical to the last bit.
func expectThreadIndependence(
  _ note: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () -> [Tensor]
) {
  let bits = { (tensors: [Tensor]) in tensors.map { $0.scalars.map(\.bitPattern) } }
  let serial = bits(Threads.withCount(1, body))
  for count in [2, 3] {
    #expect(
      bits(Threads.withCount(count, body)) == serial, "\(note) with \(count) threads", sourceLocation: sourceLocation)
  }
}
