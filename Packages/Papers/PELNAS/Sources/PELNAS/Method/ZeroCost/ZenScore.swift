import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// `zen`: how far the features move when a Gaussian image moves a little, with the scale that batch norm hid added back.
enum ZenScore {
  /// `ln mean_n Σ|f(x) − f(x′)| + Σ_BN ln √(mean channel variance)`, x′ = x + 0.01·Gaussian, f = features before pooling.
  static func score(_ network: Network, batch: Int, seed: UInt64) throws -> Double {
    var generator = Philox(seed: seed, stream: "zen")
    let shape = [batch] + network.inputShape
    let x = Tensor.normal(shape, using: &generator)
    let moved = x + Tensor.normal(shape, using: &generator) * 0.01
    var scale = 0.0
    let first = try features(network, x) { scale += logarithmOfScale($0) }
    let second = try features(network, moved) { _ in }
    let distance = zip(first.scalars, second.scalars).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
    return log(distance / Double(batch)) + scale
  }

  /// Features before the global pooling; `visit` sees the input of every batch norm.
  private static func features(_ network: Network, _ x: Tensor, visit: (Tensor) -> Void) throws -> Tensor {
    let normInputs = Set(network.nodes.filter { if case .batchNorm = $0.op { true } else { false } }.flatMap(\.inputs))
    let pooled = network.nodes.first { $0.op == .globalAveragePool }?.inputs.first
    var found: Tensor?
    try withoutGradients {
      try withoutActuallyEscaping(visit) { visit in
        _ = try network.forward(
          Variable(x), parameters: ParameterSet(network, trainable: false), mode: .training(seed: 0, step: 0)
        ) { node, output in
          if normInputs.contains(node) { visit(output.value) }
          if node == pooled { found = output.value }
        }
      }
    }
    guard let found else { throw PELNASError.proxy("zen", problem: "the network has no global pooling") }
    return found
  }

  private static func logarithmOfScale(_ input: Tensor) -> Double {
    let variance = batchNormStatistics(input).variance
    return 0.5 * log(Double(variance.mean()))
  }
}
