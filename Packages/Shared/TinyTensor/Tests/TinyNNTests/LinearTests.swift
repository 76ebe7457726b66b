import Testing
import TinyNN
import TinyTensor

/// The product of two flat matrices in `Double`, `[m, k] × [k, n]`, elements picked by closures.
private func product(
  _ m: Int, _ n: Int, _ k: Int, _ a: (Int, Int) -> Double, _ b: (Int, Int) -> Double
) -> [Double] {
  (0..<m).flatMap { row in (0..<n).map { column in (0..<k).reduce(0) { $0 + a(row, $1) * b($1, column) } } }
}

@Suite struct LinearTests {
  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func matrixProducts(_ transposeA: Bool, _ transposeB: Bool) {
    for (m, n, k) in [(1, 1, 1), (3, 5, 2), (7, 4, 9)] {
      let a = sample(transposeA ? [k, m] : [m, k], "a")
      let b = sample(transposeB ? [n, k] : [k, n], "b")
      expectAgreement([a, b]) {
        matmul($0[0], $0[1], transposeA: transposeA, transposeB: transposeB)
      } reference: { x in
        product(
          m, n, k, { x[0][transposeA ? $1 * m + $0 : $0 * k + $1] }, { x[1][transposeB ? $1 * k + $0 : $0 * n + $1] })
      }
    }
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func batchedMatrixProducts(_ transposeA: Bool, _ transposeB: Bool) {
    let (batch, m, n, k) = (3, 4, 2, 5)
    let a = sample([batch] + (transposeA ? [k, m] : [m, k]), "a")
    let b = sample([batch] + (transposeB ? [n, k] : [k, n]), "b")
    expectAgreement([a, b]) {
      matmul($0[0], $0[1], transposeA: transposeA, transposeB: transposeB)
    } reference: { x in
      (0..<batch).flatMap { entry in
        product(
          m, n, k, { x[0][entry * m * k + (transposeA ? $1 * m + $0 : $0 * k + $1)] },
          { x[1][entry * k * n + (transposeB ? $1 * k + $0 : $0 * n + $1)] })
      }
    }
  }

  @Test(arguments: [([1, 1], 1), ([5, 3], 4), ([2, 3, 7], 5), ([6], 2)])
  func linearLayers(_ shape: [Int], _ outputs: Int) {
    let inputs = shape[shape.count - 1]
    let rows = shape.reduce(1, *) / inputs
    let tensors = [sample(shape), sample([outputs, inputs], "w"), sample([outputs], "b")]
    func reference(_ x: [[Double]]) -> [Double] {
      let y = product(rows, outputs, inputs, { x[0][$0 * inputs + $1] }, { x[1][$1 * inputs + $0] })
      return y.enumerated().map { $1 + (x.count > 2 ? x[2][$0 % outputs] : 0) }
    }
    expectAgreement(tensors) {
      linear($0[0], weight: $0[1], bias: $0[2])
    } reference: {
      reference($0)
    }
    expectAgreement(Array(tensors.prefix(2))) {
      linear($0[0], weight: $0[1])
    } reference: {
      reference($0)
    }
    #expect(
      linear(Variable(tensors[0]), weight: Variable(tensors[1])).shape == shape.dropLast() + [outputs])
  }

  @Test func frozenOperandsGetNoGradient() {
    let x = Variable(sample([3, 4]))
    let weight = Variable(sample([2, 4], "w"), requiresGradient: true)
    linear(x, weight: weight).sum().backward()
    #expect(x.gradient == nil && weight.gradient != nil)
    let frozen = Variable(sample([2, 4], "w"))
    let input = Variable(sample([3, 4]), requiresGradient: true)
    linear(input, weight: frozen).sum().backward()
    #expect(frozen.gradient == nil && input.gradient != nil)
  }
}
