import Foundation
import Testing
import TinyTensor

@Suite struct GELUTests {
  /// `x · Φ(x)` and its derivative in Double.
  static func reference(_ x: Double) -> (value: Double, derivative: Double) {
    let cumulative = 0.5 * erfc(-x * 0.5.squareRoot())
    return (x * cumulative, cumulative + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
  }

  /// A dense sweep over where the function is neither 0 nor x.
  static let points = (-140_000...140_000).map { Float($0) * 1e-4 }

  static func derivative(at x: Tensor) -> Tensor {
    var gradient = Tensor(repeating: 1, shape: x.shape)
    gradient.multiplyByGELUDerivative(at: x)
    return gradient
  }

  /// The documented bounds.
  @Test func valuesAreAccurate() {
    let values = gelu(Tensor(shape: [Self.points.count], Self.points)).scalars
    var (absolute, central, tail) = (0.0, 0.0, 0.0)
    for (x, value) in zip(Self.points, values) {
      let expected = Self.reference(Double(x)).value
      let difference: Double = abs(Double(value) - expected)
      absolute = max(absolute, difference / max(1, abs(expected)))
      let relative = difference / max(abs(expected), 1e-30)
      if abs(x) <= 5 { central = max(central, relative) }
      if x > -11 { tail = max(tail, relative) }
    }
    #expect(absolute < 3e-7 && central < 1e-6 && tail < 5e-6, "\(absolute) \(central) \(tail)")
  }

  @Test func derivativesAreAccurate() {
    let derivatives = Self.derivative(at: Tensor(shape: [Self.points.count], Self.points)).scalars
    let worst = zip(Self.points, derivatives).reduce(0.0) {
      max($0, abs(Double($1.1) - Self.reference(Double($1.0)).derivative))
    }
    #expect(worst < 3e-7)
  }

  /// The reference's derivative is itself checked against central differences of the Double function.
  @Test func theReferenceIsItsDerivative() {
    for x in stride(from: -6.0, through: 6, by: 0.37) {
      let slope = (Self.reference(x + 1e-5).value - Self.reference(x - 1e-5).value) / 2e-5
      #expect(abs(slope - Self.reference(x).derivative) < 1e-9)
    }
  }

  @Test func extremes() {
    let x = Tensor(shape: [8], [.infinity, -.infinity, .nan, 1e30, -1e30, 0, -13.3, 13.3])
    let y = gelu(x)
    #expect(y[0] == .infinity && y[1] == 0 && y[2].isNaN && y[3] == 1e30 && y[4] == 0 && y[5] == 0)
    #expect(y[6] == 0 && y[7] == 13.3)
    let slope = Self.derivative(at: x)
    #expect(slope[0] == 1 && slope[1] == 0 && slope[2].isNaN && slope[3] == 1 && slope[4] == 0 && slope[6] == 0)
    #expect(abs(slope[5] - 0.5) < 1e-7)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 33, 70_001]) func everyLengthIsCovered(_ count: Int) {
    let x = sample([count]) * 4
    let dy = sample([count], "dy")
    let run = { () -> [Tensor] in
      var gradient = dy
      gradient.multiplyByGELUDerivative(at: x)
      return [gelu(x), gradient]
    }
    let result = run()
    let expected = x.scalars.map { Self.reference(Double($0)) }
    agrees(result[0], ReferenceArray(shape: [count], values: expected.map(\.value)))
    agrees(
      result[1],
      ReferenceArray(shape: [count], values: zip(expected, dy.scalars).map { $0.derivative * Double($1) }))
    expectThreadIndependence("gelu of \(count)", run)
  }
}
