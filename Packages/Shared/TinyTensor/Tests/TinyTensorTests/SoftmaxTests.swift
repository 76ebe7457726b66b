import Foundation
import Testing
import TinyTensor

@Suite struct SoftmaxTests {
  static let widths = [1, 2, 10, 15, 16, 17, 100, 1000]

  static func reference(_ row: [Double]) -> (probabilities: [Double], logarithms: [Double]) {
    let top = row.max() ?? 0
    let logSum = log(row.reduce(0) { $0 + exp($1 - top) }) + top
    return (row.map { exp($0 - logSum) }, row.map { $0 - logSum })
  }

  @Test(arguments: widths) func softmaxAgrees(_ width: Int) {
    let x = sample([7, width]) * 10
    var (p, l) = (ReferenceArray(zeros: x.shape), ReferenceArray(zeros: x.shape))
    for row in 0..<7 {
      let (probabilities, logarithms) = Self.reference(x.slice(row..<row + 1).scalars.map(Double.init))
      for column in 0..<width {
        p[row, column] = probabilities[column]
        l[row, column] = logarithms[column]
      }
    }
    agrees(softmax(x), p, "softmax \(width)")
    agrees(logSoftmax(x), l, "log softmax \(width)")
    let dy = sample([7, width], "dy")
    var (dp, dl) = (ReferenceArray(zeros: x.shape), ReferenceArray(zeros: x.shape))
    for row in 0..<7 {
      let g = (0..<width).map { Double(dy[row, $0]) }
      let inner = (0..<width).reduce(0) { $0 + g[$1] * p[row, $1] }
      for column in 0..<width {
        dp[row, column] = p[row, column] * (g[column] - inner)
        dl[row, column] = g[column] - p[row, column] * g.reduce(0, +)
      }
    }
    agrees(softmaxGradient(dy, output: softmax(x)), dp, reduction: width, "softmax gradient \(width)")
    agrees(logSoftmaxGradient(dy, output: logSoftmax(x)), dl, reduction: width, "log softmax gradient \(width)")
  }

  @Test(arguments: widths, [Float(0), 0.1]) func crossEntropyAgrees(_ width: Int, _ smoothing: Float) {
    let rows = 33
    let x = sample([rows, width]) * 5
    let labels = (0..<rows).map { $0 * 7 % width }
    let (losses, probabilities) = softmaxCrossEntropy(x, labels: labels, smoothing: smoothing)
    var expected = ReferenceArray(zeros: [rows])
    var gradient = ReferenceArray(zeros: x.shape)
    let epsilon = Double(smoothing)
    for row in 0..<rows {
      let (p, logarithms) = Self.reference(x.slice(row..<row + 1).scalars.map(Double.init))
      for column in 0..<width {
        let target = (column == labels[row] ? 1 - epsilon : 0) + epsilon / Double(width)
        expected[row] -= target * logarithms[column]
        gradient[row, column] = (p[column] - target) / Double(rows)
      }
    }
    agrees(losses, expected, "losses \(width)")
    agrees(
      softmaxCrossEntropyGradient(
        probabilities: probabilities, labels: labels, smoothing: smoothing, scale: 1 / Float(rows)), gradient,
      "gradient \(width)")
    expectThreadIndependence("cross-entropy \(width)") {
      let (losses, probabilities) = softmaxCrossEntropy(x, labels: labels, smoothing: smoothing)
      return [losses, probabilities]
    }
  }

  @Test func hugeLogitsAreStable() {
    let x = Tensor(shape: [2, 3], [1e4, -1e4, 0, -1e4, -1e4, -1e4])
    let p = softmax(x)
    #expect(p.isFinite)
    #expect(Array(p.scalars.prefix(3)) == [1, 0, 0])
    #expect(abs(p[1, 1] - 1 / 3) < 1e-6)
    let (losses, _) = softmaxCrossEntropy(x, labels: [1, 0])
    #expect(abs(losses[0] - 2e4) < 1 && abs(losses[1] - Float(log(3.0))) < 1e-6)
  }
}
