import Foundation
import Testing
import TinyTensor

@Suite struct VectorMathTests {
  /// Largest relative error over a dense sweep, with the absolute floor `tiny`.
  static func error(
    _ range: ClosedRange<Float>, tiny: Double = 1e-37, _ fast: (Lanes) -> Lanes, _ exact: (Double) -> Double
  ) -> Double {
    var worst = 0.0
    let steps = 20_000
    for step in 0...steps {
      let x = range.lowerBound + (range.upperBound - range.lowerBound) * Float(step) / Float(steps)
      let expected = exact(Double(x))
      let actual = Double(fast(Lanes(repeating: x))[step % 16])
      worst = max(worst, abs(actual - expected) / max(abs(expected), tiny))
    }
    return worst
  }

  @Test func exponential() {
    #expect(Self.error(-87...88, VectorMath.exp, exp) < 3e-7)
    #expect(Self.error(-1...1, VectorMath.exp, exp) < 2e-7)
    let edge = VectorMath.exp(
      Lanes(0, -.infinity, .infinity, .nan, -200, 200, 88.7, -100, 1, 1, 1, 1, 1, 1, 1, 1))
    #expect(
      edge[0] == 1 && edge[1] == 0 && edge[2] == .infinity && edge[3].isNaN && edge[4] == 0 && edge[5] == .infinity)
    #expect(edge[6].isFinite && edge[7] >= 0 && edge[7] < 0x1p-130)
  }

  @Test func logarithm() {
    #expect(Self.error(1e-30...1e-3, tiny: 1, VectorMath.log, log) < 3e-7)
    #expect(Self.error(0.1...10, tiny: 0.5, VectorMath.log, log) < 3e-7)
    #expect(Self.error(10...1e30, VectorMath.log, log) < 3e-7)
    let edge = VectorMath.log(Lanes(1, 0, -1, .infinity, .nan, 0x1p-140, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
    #expect(edge[0] == 0 && edge[1] == -.infinity && edge[2].isNaN && edge[3] == .infinity && edge[4].isNaN)
    #expect(abs(edge[5] - Float(log(0x1p-140))) < 1e-4)
  }

  @Test func hyperbolicTangentSigmoidAndErrorFunction() {
    #expect(Self.error(-12...12, tiny: 1e-3, VectorMath.tanh, tanh) < 5e-7)
    #expect(Self.error(-20...20, VectorMath.sigmoid) { 1 / (1 + exp(-$0)) } < 5e-7)
    #expect(Self.error(-6...6, tiny: 1e-3, VectorMath.erf, erf) < 5e-7)
    let extremes = Lanes(.infinity, -.infinity, .nan, 100, -100, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    let t = VectorMath.tanh(extremes)
    #expect(t[0] == 1 && t[1] == -1 && t[2].isNaN && t[3] == 1 && t[4] == -1 && t[5] == 0)
    let s = VectorMath.sigmoid(extremes)
    #expect(s[0] == 1 && s[1] == 0 && s[2].isNaN && s[5] == 0.5)
    let e = VectorMath.erf(extremes)
    #expect(e[0] == 1 && e[1] == -1 && e[2].isNaN && e[3] == 1 && e[4] == -1 && e[5] == 0)
  }

  @Test func tensorFormsCoverOddSizes() {
    for count in [1, 15, 16, 17, 33] {
      let x = sample([count])
      #expect(zip(x.exp().scalars, x.scalars).allSatisfy { abs($0 - Float(exp(Double($1)))) < 1e-6 })
      #expect(x.tanh().count == count && x.erf().isFinite && x.sigmoid().min() > 0)
      #expect((x * x + 1).log().min() >= 0)
    }
  }
}
