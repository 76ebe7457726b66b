import Foundation
import Testing
import TinyNN
import TinyTensor

private func softmaxReference(_ x: [Double]) -> [Double] {
  let top = x.max() ?? 0
  let powers = x.map { Foundation.exp($0 - top) }
  return powers.map { $0 / powers.reduce(0, +) }
}

@Suite struct AttentionTests {
  @Test(arguments: [[3, 4], [2, 2, 9], [2, 1], [1, 33]]) func softmaxes(_ shape: [Int]) {
    let width = shape[shape.count - 1]
    func rows(_ x: [Double], _ body: ([Double]) -> [Double]) -> [Double] {
      (0..<x.count / width).flatMap { body(Array(x[$0 * width..<($0 + 1) * width])) }
    }
    let x = sample(shape, in: -3...3)
    expectAgreement([x]) {
      softmax($0[0])
    } reference: {
      rows($0[0]) { softmaxReference($0) }
    }
    expectAgreement([x]) {
      logSoftmax($0[0])
    } reference: {
      rows($0[0]) { softmaxReference($0).map { Foundation.log($0) } }
    }
  }

  @Test(arguments: [true, false]) func multiHeadAttention(_ causal: Bool) {
    let (batch, length, context, heads, size) = (2, 3, 4, 2, 3)
    let width = heads * size
    let tensors = [
      sample([batch, length, width], "q"), sample([batch, context, width], "k"), sample([batch, context, width], "v"),
    ]
    expectAgreement(tensors) {
      attention(query: $0[0], key: $0[1], value: $0[2], heads: heads, causal: causal)
    } reference: { x in
      var result = [Double](repeating: 0, count: batch * length * width)
      for entry in 0..<batch {
        for head in 0..<heads {
          for position in 0..<length {
            let visible = causal ? position + context - length + 1 : context
            let scores = (0..<visible).map { (other: Int) -> Double in
              let left = (entry * length + position) * width + head * size
              let right = (entry * context + other) * width + head * size
              var total = 0.0
              for index in 0..<size { total += x[0][left + index] * x[1][right + index] }
              return total / Double(size).squareRoot()
            }
            for (other, weight) in softmaxReference(scores).enumerated() {
              for index in head * size..<(head + 1) * size {
                result[(entry * length + position) * width + index] +=
                  weight * x[2][(entry * context + other) * width + index]
              }
            }
          }
        }
      }
      return result
    }
  }

  @Test func dropoutKeepsTheMeanAndItsMask() {
    var generator = Philox(seed: 5, stream: "dropout")
    let x = Variable(Tensor(repeating: 1, shape: [100, 100]), requiresGradient: true)
    let y = dropout(x, probability: 0.3, using: &generator)
    #expect((0.97...1.03).contains(y.value.mean()))
    let scale = 1 / (1 - 0.3 as Float)
    #expect(Set(y.value.scalars) == [0, scale])
    y.sum().backward()
    #expect(x.gradient == y.value)
    var again = Philox(seed: 5, stream: "dropout")
    #expect(dropout(x, probability: 0.3, using: &again).value == y.value)
    #expect(dropout(x, probability: 0, using: &again) === x)
  }

  @Test func stochasticDepthDropsWholeSamples() {
    var generator = Philox(seed: 5, stream: "depth")
    let x = Variable(Tensor(repeating: 1, shape: [200, 2, 3]), requiresGradient: true)
    let y = stochasticDepth(x, probability: 0.5, using: &generator)
    let sums = rowSums(y.value.reshaped([200, 6])).scalars
    #expect(Set(sums) == [0, 12])
    y.sum().backward()
    #expect(x.gradient == y.value)
  }
}
