import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// The gradient of the summed logits with respect to each image, and the proxies made of its correlations.
struct InputJacobian {
  /// One row per image, `[batch, pixels]`.
  let rows: Tensor

  /// One forward and one backward pass.
  init(_ network: Network, images: Tensor) throws {
    let input = Variable(images, requiresGradient: true)
    let logits = try network.forward(
      input, parameters: ParameterSet(network, trainable: false), mode: .training(seed: 0, step: 0))
    logits.backward(Tensor(repeating: 1, shape: logits.shape))
    let batch = images.shape[0]
    rows = (input.gradient ?? Tensor(zeros: images.shape)).reshaped([batch, images.count / batch])
  }

  /// Pearson correlations of rows; NaN where a row is constant.
  private func correlations(of chosen: [Int]) -> DoubleMatrix {
    let width = rows.shape[1]
    let scalars = rows.scalars
    let centred = chosen.map { row -> [Double] in
      let values = scalars[row * width..<(row + 1) * width].map(Double.init)
      let mean = values.reduce(0, +) / Double(width)
      let shifted = values.map { $0 - mean }
      let length = shifted.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return shifted.map { $0 / length }
    }
    let matrix = DoubleMatrix(rows: chosen.count, columns: width, centred.flatMap { $0 })
    return matrix * matrix.transposed
  }

  /// `jacov`: −Σ [ln(ν+k) + 1/(ν+k)] over the eigenvalues ν of the correlation matrix, k = 1e-5.
  func covarianceScore() throws -> Double {
    let matrix = correlations(of: Array(0..<rows.shape[0]))
    guard matrix.values.allSatisfy(\.isFinite) else { return .nan }
    return try LinearAlgebra.symmetricEigen(matrix).values.reduce(0) { sum, value in
      sum - (log(value + 1e-5) + 1 / (value + 1e-5))
    }
  }

  /// `epe_nas`: the logarithms of correlations within classes.
  func classScore(labels: [Int], classes: Int) -> Double {
    let scores = (0..<classes).map { label -> Double in
      let members = labels.indices.filter { labels[$0] == label }
      guard !members.isEmpty else { return 0 }
      let sum = correlations(of: members).values.reduce(0) { $0 + log(abs($1) + 1e-5) }
      return classes <= 100 ? sum : sum / Double(members.count)
    }
    if classes <= 100 { return scores.reduce(0) { $0 + abs($1) } }
    var sum = 0.0
    for first in scores { for second in scores { sum += abs(first - second) } }
    return sum / Double(classes)
  }
}
