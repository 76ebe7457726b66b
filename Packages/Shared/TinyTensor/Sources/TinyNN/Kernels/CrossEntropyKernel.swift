import Foundation
import TinyTensor

/// Softmax cross-entropy of rows with label smoothing and class weights, and its gradient.
struct CrossEntropyKernel {
  let labels: [Int]
  let classes: Int
  let smoothing: Float
  /// One weight per class; empty means 1 for all.
  let classWeights: [Float]
  /// Rows with this label count as if they were not there.
  let ignoredLabel: Int?

  /// What the mean divides by: the sum of the labels' weights.
  var weightSum: Double {
    labels.reduce(0) { $1 == ignoredLabel ? $0 : $0 + Double(classWeights.isEmpty ? 1 : classWeights[$1]) }
  }

  /// Writes the softmax into `probabilities` and returns the sum of the rows' losses.
  func forward(_ logits: Tensor, probabilities: inout Tensor) -> Double {
    var losses = [Double](repeating: 0, count: labels.count)
    losses.withUnsafeMutableBufferPointer { losses in
      probabilities.withUnsafeMutableBufferPointer { target in
        logits.withUnsafeBufferPointer { source in
          guard let target = target.baseAddress, let source = source.baseAddress, let losses = losses.baseAddress
          else { return }
          RowKernel.forEachRow(labels.count, width: 4 * classes) { row in
            losses[row] = forwardRow(source + row * classes, label: labels[row], probabilities: target + row * classes)
          }
        }
      }
    }
    return losses.reduce(0, +)
  }

  @inline(__always)
  private func forwardRow(
    _ x: UnsafePointer<Float>, label: Int, probabilities: UnsafeMutablePointer<Float>
  ) -> Double {
    let top = RowKernel.maximum(x, classes)
    RowKernel.map(x, classes, into: probabilities) { VectorMath.exp($0 - top) }
    let total = RowKernel.sum(probabilities, classes)
    let scale = 1 / total
    for column in 0..<classes { probabilities[column] *= scale }
    guard label != ignoredLabel else { return 0 }
    let logTotal = Foundation.log(Double(total))
    let own = Double(classWeights.isEmpty ? 1 : classWeights[label]) * (Double(x[label] - top) - logTotal)
    guard smoothing > 0 else { return -own }
    var all = 0.0
    for column in 0..<classes {
      all += Double(classWeights.isEmpty ? 1 : classWeights[column]) * (Double(x[column] - top) - logTotal)
    }
    return -Double(1 - smoothing) * own - Double(smoothing) / Double(classes) * all
  }

  /// Turns probabilities p in place into `scale` times the gradient of the sum of the losses: with the target t of a row,
  /// `p · Σt − t`.
  func backward(_ probabilities: inout Tensor, scale: Float) {
    let share = smoothing / Float(classes)
    let weightTotal = classWeights.isEmpty ? Float(classes) : classWeights.reduce(0, +)
    probabilities.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      RowKernel.forEachRow(labels.count, width: classes) { row in
        let p = target + row * classes
        let label = labels[row]
        guard label != ignoredLabel else {
          p.update(repeating: 0, count: classes)
          return
        }
        let own = (1 - smoothing) * (classWeights.isEmpty ? 1 : classWeights[label])
        let targetSum = own + share * weightTotal
        if classWeights.isEmpty {
          for column in 0..<classes { p[column] = scale * (p[column] * targetSum - share) }
        } else {
          for column in 0..<classes { p[column] = scale * (p[column] * targetSum - share * classWeights[column]) }
        }
        p[label] -= scale * own
      }
    }
  }
}
