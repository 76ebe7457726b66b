import Foundation
import TinyTensor

/// Log-probabilities of single tokens out of rows of logits.
enum LogSumExp {
  /// ln Σ eˣ over a row, summed in double precision.
  static func row(_ x: UnsafePointer<Float>, count: Int) -> Double {
    var largest8 = Float8(repeating: -.infinity)
    forEachEight(count) { start, width in
      let value = loadUpTo8(x + start, width)
      if width == 8 {
        largest8 = maximum(largest8, value)
      } else {
        for lane in 0..<width { largest8[0] = max(largest8[0], value[lane]) }
      }
    }
    let largest = laneMaximum(largest8)
    guard largest.isFinite else { return Double(largest) }
    let shift = Float8(repeating: largest)
    var total = 0.0
    // 64 terms per lane in single precision, then one double precision addition.
    for start in stride(from: 0, to: count, by: 512) {
      var sum = Float8.zero
      let length = min(512, count - start)
      forEachEight(length) { offset, width in
        let weights = exponential(loadUpTo8(x + start + offset, width) - shift)
        if width == 8 {
          sum += weights
        } else {
          for lane in 0..<width { sum[lane] += weights[lane] }
        }
      }
      total += Double(laneSum(sum))
    }
    return Double(largest) + log(total)
  }

  /// ln p(target) for each row of `logits` `[rows, vocabulary]`; several targets per row.
  static func logProbabilities(_ logits: Tensor, _ targets: [(row: Int, token: Int32)]) -> [Double] {
    let vocabulary = logits.shape[1]
    var normalizers = [Double](repeating: 0, count: logits.shape[0])
    return logits.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      normalizers.withUnsafeMutableBufferPointer { output in
        guard let output = output.baseAddress else { return }
        parallelFor(logits.shape[0]) { output[$0] = row(base + $0 * vocabulary, count: vocabulary) }
      }
      return targets.map { Double(base[$0.row * vocabulary + Int($0.token)]) - normalizers[$0.row] }
    }
  }
}
