import Testing
import TinyNN
import TinyTensor

/// The checker itself: it must find wrong gradients and accept right ones.
@Suite struct GradientCheckTests {
  private func scaledSquare(_ factor: Float) -> ([Variable]) -> Variable {
    { inputs in
      let x = inputs[0].value
      return Variable.custom("square", inputs: inputs, value: x * x) { gradient, _ in [gradient * x * factor] }
    }
  }

  @Test func findsWrongGradients() {
    let x = sample([7], in: 0.5...1)
    let right = GradientCheck.operation(inputs: [x], computed: scaledSquare(2)) { $0[0].map { $0 * $0 } }
    #expect(right.isWithin(1e-5), "\(right)")
    let wrong = GradientCheck.operation(inputs: [x], computed: scaledSquare(2.01)) { $0[0].map { $0 * $0 } }
    #expect(!wrong.isWithin(1e-4) && wrong.value.error < 1e-5 && wrong.gradient.place.contains("input 0"))
    let off = GradientCheck.operation(inputs: [x], computed: scaledSquare(2)) { $0[0].map { $0 * $0 + 0.01 } }
    #expect(off.value.error > 1e-3)
  }

  @Test func countsNaNAsWrong() {
    let result = GradientCheck.operation(inputs: [sample([2])]) { inputs in
      Variable.custom("nan", inputs: inputs, value: inputs[0].value) { gradient, _ in [gradient * Float.nan] }
    } reference: {
      $0[0]
    }
    #expect(result.gradient.error == .infinity)
  }

  @Test func directionalFindsWrongGradients() {
    let w = Variable(sample([20], in: 0.5...1), requiresGradient: true)
    let right = GradientCheck.directional(parameters: [w]) { self.scaledSquare(2)([w]).sum() }
    #expect(right.error < 1e-3, "\(right)")
    let wrong = GradientCheck.directional(parameters: [w]) { self.scaledSquare(2.1)([w]).sum() }
    #expect(wrong.error > 0.02)
    #expect(w.value == sample([20], in: 0.5...1) && w.gradient == nil)
  }
}
