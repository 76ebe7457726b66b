import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// `nwot`: how well the binary codes of all ReLUs tell the images of a batch apart.
enum ActivationCodes {
  /// `ln |det K|` with `K = Σ (b bᵀ + (1−b)(1−b)ᵀ)` over all ReLUs, b = (input > 0).
  static func logDeterminant(_ network: Network, images: Tensor) throws -> Double {
    let batch = images.shape[0]
    var kernel = DoubleMatrix(zeros: batch, batch)
    let relus = Set(network.nodes.filter { $0.op == .relu }.map(\.name))
    try withoutGradients {
      _ = try network.forward(
        Variable(images), parameters: ParameterSet(network, trainable: false), mode: .training(seed: 0, step: 0)
      ) { node, output in
        guard relus.contains(node) else { return }
        // A rectified value is positive where its input was. (1−b)(1−b)ᵀ = F − s − sᵀ + b bᵀ with the row sums s.
        let width = output.value.count / batch
        let codes = output.value.reshaped([batch, width]).map { $0 > 0 ? 1 : 0 }
        let overlap = matmul(codes, codes, transposeB: true).scalars
        for row in 0..<batch {
          for column in 0..<batch {
            kernel[row, column] +=
              2 * Double(overlap[row * batch + column]) + Double(width)
              - Double(overlap[row * batch + row]) - Double(overlap[column * batch + column])
          }
        }
      }
    }
    return try LinearAlgebra.symmetricEigen(kernel).values.reduce(0) { $0 + log(abs($1)) }
  }
}
