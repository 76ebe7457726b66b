import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// `nwot`: how well the binary codes of all ReLUs tell the images of a batch apart.
enum ActivationCodes {
  /// `ln |det K|` with `K = Σ (b bᵀ + (1−b)(1−b)ᵀ)` over all ReLUs, b = (input > 0).
  static func logDeterminant(_ network: Network, images: Tensor) throws -> Double {
    let batch = images.shape[0]
    var agreements = [Int](repeating: 0, count: batch * batch)
    let relus = Set(network.nodes.filter { $0.op == .relu }.map(\.name))
    try withoutGradients {
      _ = try network.forward(
        Variable(images), parameters: ParameterSet(network, trainable: false), mode: .training(seed: 0, step: 0)
      ) { node, output in
        // A rectified value is positive where its input was; b bᵀ + (1−b)(1−b)ᵀ counts the bits that two images share.
        if relus.contains(node) { BinaryCodes(output.value).addAgreements(to: &agreements) }
      }
    }
    let kernel = DoubleMatrix(rows: batch, columns: batch, agreements.map(Double.init))
    return try LinearAlgebra.symmetricEigenvalues(kernel).reduce(0) { $0 + log(abs($1)) }
  }
}
