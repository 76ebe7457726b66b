import Testing
import TinyNN
import TinyTensor

/// Values and gradients in bfloat16 are those of `Float` on operands that were rounded by hand.
@Suite struct ProductPrecisionTests {
  private func check(
    _ operands: [Tensor], _ operation: ([Variable]) -> Variable,
    gradients: (_ rounded: [Tensor], _ roundedGradient: Tensor) -> [Tensor]
  ) {
    let variables = operands.map { Variable($0, requiresGradient: true) }
    let result = withProducts(in: .bfloat16) { operation(variables) }
    let rounded = operands.map { $0.roundedToBFloat16() }
    #expect(result.value == operation(rounded.map { Variable($0) }).value)
    #expect(result.value != operation(operands.map { Variable($0) }).value)
    let seed = sample(result.shape, "seed")
    result.backward(seed)
    for (variable, expected) in zip(variables, gradients(rounded, seed.roundedToBFloat16())) {
      #expect(variable.gradient == expected)
    }
  }

  @Test func convolutions() throws {
    let geometry = try ConvGeometry(
      input: [2, 6, 5, 4], weight: [3, 4, 3, 3], stride: 1, padding: 1, dilation: 1, groups: 1)
    check([sample([2, 6, 5, 4], "x"), sample([3, 4, 3, 3], "w")]) {
      conv2d($0[0], weight: $0[1], padding: 1)
    } gradients: { x, gradient in
      [
        conv2dInputGradient(gradient, weight: x[1], geometry: geometry),
        conv2dWeightGradient(x[0], gradient, geometry: geometry),
      ]
    }
  }

  @Test func linearLayersAndProducts() {
    check([sample([5, 7], "x"), sample([3, 7], "w")]) {
      linear($0[0], weight: $0[1])
    } gradients: { x, gradient in
      [TinyTensor.matmul(gradient, x[1]), TinyTensor.matmul(gradient, x[0], transposeA: true)]
    }
    check([sample([5, 7], "x"), sample([7, 3], "w")]) {
      matmul($0[0], $0[1])
    } gradients: { x, gradient in
      [TinyTensor.matmul(gradient, x[1], transposeB: true), TinyTensor.matmul(x[0], gradient, transposeA: true)]
    }
  }

  @Test func theBackwardPassKeepsThePrecisionItWasRecordedWith() {
    let x = Variable(sample([4, 4], "x"), requiresGradient: true)
    let w = Variable(sample([4, 4], "w"), requiresGradient: true)
    let inside = withProducts(in: .bfloat16) { matmul(x, w) }
    #expect(ProductPrecision.current == .float32)
    inside.backward(Tensor(repeating: 1 + 0x1p-9, shape: [4, 4]))
    #expect(
      x.gradient
        == TinyTensor.matmul(Tensor(repeating: 1, shape: [4, 4]), w.value.roundedToBFloat16(), transposeB: true))
  }
}
