import Testing
import TinyTensor

/// Results that are too large for the caches are written past them; they must equal those of the parts, which are not.
@Suite struct StreamingTests {
  /// 66 · 256² floats are just enough; halves are not.
  static let shape = [66, 256, 16, 16]

  private func expectEqualsItsHalves(_ x: Tensor, _ function: (Tensor) -> Tensor) {
    let whole = function(x)
    let middle = x.shape[0] / 2
    #expect(whole.slice(0..<middle) == function(x.slice(0..<middle)))
    #expect(whole.slice(middle..<x.shape[0]) == function(x.slice(middle..<x.shape[0])))
  }

  @Test func activation() { expectEqualsItsHalves(sample(Self.shape)) { gelu($0) } }

  @Test(arguments: FusedActivation.allCases) func batchNorm(_ activation: FusedActivation) {
    let (mean, inverse) = (sample([16], "mean"), sample([16], "inverse"))
    expectEqualsItsHalves(sample(Self.shape)) {
      batchNormApply($0, mean: mean, inverseStandardDeviation: inverse, activation: activation)
    }
  }

  @Test func poolingGradient() {
    expectEqualsItsHalves(sample(Self.shape)) { x in
      let (output, indices) = maxPool2d(x, kernel: 2, stride: 2)
      return maxPool2dGradient(output, indices: indices)
    }
  }

  @Test func threads() {
    let x = sample(Self.shape)
    let serial = Threads.withCount(1) { gelu(x) }
    #expect(Threads.withCount(3) { gelu(x) } == serial)
  }
}
