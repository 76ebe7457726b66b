import Foundation
import Testing
import TinyNN
import TinyTensor

/// A function of one number, its reference, and where it has kinks.
struct Pointwise: Sendable, CustomTestStringConvertible {
  let name: String
  let function: @Sendable (Variable) -> Variable
  let reference: @Sendable (Double) -> Double
  var range: ClosedRange<Float> = -6...6
  var kinks: [Float] = []
  var testDescription: String { name }
}

private func sigmoidReference(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }

@Suite struct ActivationTests {
  static let all: [Pointwise] = [
    Pointwise(name: "relu", function: { relu($0) }, reference: { max($0, 0) }, kinks: [0]),
    Pointwise(
      name: "relu6", function: { relu6($0) }, reference: { min(max($0, 0), 6) }, range: -3...9, kinks: [0, 6]),
    Pointwise(
      name: "leakyReLU", function: { leakyReLU($0, slope: 0.1) }, reference: { $0 > 0 ? $0 : 0.1 * $0 }, kinks: [0]),
    Pointwise(
      name: "gelu", function: { gelu($0) }, reference: { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
    Pointwise(name: "silu", function: { silu($0) }, reference: { $0 * sigmoidReference($0) }),
    Pointwise(name: "sigmoid", function: { sigmoid($0) }, reference: sigmoidReference),
    Pointwise(
      name: "hardSigmoid", function: { hardSigmoid($0) }, reference: { min(max($0 + 3, 0), 6) / 6 }, kinks: [-3, 3]),
    Pointwise(name: "tanh", function: { TinyNN.tanh($0) }, reference: { Foundation.tanh($0) }),
    Pointwise(name: "square", function: { square($0) }, reference: { $0 * $0 }),
    Pointwise(
      name: "sqrt", function: { TinyNN.sqrt($0) }, reference: { $0.squareRoot() }, range: 0.1...4),
    Pointwise(name: "exp", function: { TinyNN.exp($0) }, reference: { Foundation.exp($0) }, range: -4...3),
    Pointwise(name: "log", function: { TinyNN.log($0) }, reference: { Foundation.log($0) }, range: 0.1...9),
    Pointwise(name: "abs", function: { TinyNN.abs($0) }, reference: { Swift.abs($0) }, kinks: [0]),
    Pointwise(
      name: "clamp", function: { clamp($0, to: -1...2) }, reference: { min(max($0, -1), 2) }, kinks: [-1, 2]),
    Pointwise(name: "2 − x", function: { 2 - $0 }, reference: { 2 - $0 }),
    Pointwise(name: "−x", function: { -$0 }, reference: { -$0 }),
    Pointwise(name: "3x / 2 + 1 − 4", function: { 3 * $0 / 2 + 1 - 4 }, reference: { 1.5 * $0 - 3 }),
  ]

  /// Lengths around the vector width, so that full vectors and tails are covered.
  @Test(arguments: all) func valueAndGradient(_ function: Pointwise) {
    for length in [1, 7, 8, 9, 64, 83] {
      expectAgreement([sample([length], in: function.range, avoiding: function.kinks)]) {
        function.function($0[0])
      } reference: {
        $0[0].map(function.reference)
      }
    }
  }

  @Test func gradientsAtTheKinks() {
    func slope(_ function: (Variable) -> Variable, at value: Float) -> Float? {
      let x = Variable(Tensor(scalar: value), requiresGradient: true)
      function(x).backward()
      return x.gradient?.item
    }
    #expect(slope({ relu($0) }, at: 0) == 0)
    #expect(slope({ relu6($0) }, at: 0) == 0 && slope({ relu6($0) }, at: 6) == 0)
    #expect(slope({ leakyReLU($0, slope: 0.25) }, at: 0) == 0.25)
    #expect(slope({ hardSigmoid($0) }, at: 3) == 0 && slope({ hardSigmoid($0) }, at: -3) == 0)
    #expect(slope({ TinyNN.abs($0) }, at: 0) == 0)
    #expect(slope({ clamp($0, to: -1...1) }, at: 1) == 1)
  }

  @Test func extremeArguments() {
    let x = Variable(Tensor(shape: [5], [-1e4, -100, 0, 100, 1e4]))
    #expect(sigmoid(x).value.scalars == [0, 0, 0.5, 1, 1])
    #expect(TinyNN.tanh(x).value.scalars == [-1, -1, 0, 1, 1])
    let powers = TinyNN.exp(x).value.scalars
    #expect(powers[0] == 0 && powers[1] < 0x1p-140 && powers[2...] == [1, .infinity, .infinity])
    #expect(gelu(x).value.scalars == [0, 0, 0, 100, 1e4])
    #expect(silu(x).value.scalars == [0, 0, 0, 100, 1e4])
    let nan = Variable(Tensor(repeating: .nan, shape: [9]))
    for function in Self.all { #expect(!function.function(nan).value.isFinite, "\(function.name) hides NaN") }
  }

  /// The vector functions agree with the C library to a few units in the last place over their whole domain.
  @Test func vectorMathIsAccurate() {
    let points = (0...20_000).map { Float($0 - 10_000) * 8.7e-3 }
    let x = Variable(Tensor(shape: [points.count], points))
    for (index, value) in TinyNN.exp(x).value.scalars.enumerated() {
      let expected = Foundation.exp(Double(points[index]))
      let difference: Double = Swift.abs(Double(value) - expected)
      #expect(difference <= Swift.max(3e-7 * expected, 2e-38), "exp(\(points[index]))")
    }
    for (index, value) in TinyNN.tanh(x * 0.1).value.scalars.enumerated() {
      let expected = Foundation.tanh(Double(points[index] * 0.1))
      let difference: Double = Swift.abs(Double(value) - expected)
      #expect(difference <= 5e-7 * Swift.abs(expected), "tanh(\(points[index]) / 10)")
    }
  }
}
