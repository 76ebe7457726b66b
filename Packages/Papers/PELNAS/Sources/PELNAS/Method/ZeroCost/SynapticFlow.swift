import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// Synflow without a backward pass.
///
/// With absolute weights, an image of ones, no batch norm and no bias the network is linear in each layer, and by Euler's rule
/// `Σ W⊙∂R/∂W = d/dt R((1+t)W)` at t = 0: one pass of dual numbers. A value is a pair of images `(v, u = v + dv)`: a convolution maps it to
/// `(W·v, W·v + W·u)`, and everything else acts on both alike. Values reach e¹¹⁵, beyond 32-bit floats, so each pair carries a power of
/// two of its own.
package enum SynapticFlow {
  /// A pair of images `[2, height, width, channels]`, times 2^exponent.
  private struct Dual {
    var pair: Tensor
    var exponent = 0

    /// Brings the largest value into 1…2.
    func normalized() -> Dual {
      let top = pair.max()
      guard top > 0, top.isFinite else { return self }
      let shift = Int(top.exponent)
      return Dual(pair: pair * Float(sign: .plus, exponent: -shift, significand: 1), exponent: exponent + shift)
    }
  }

  /// ln Σ |W ⊙ ∂R/∂W| over all convolution and linear weights; −∞ for a network without a path.
  package static func logarithm(_ network: Network) throws -> Double {
    try withoutGradients {
      var values: [String: Dual] = [:]
      var last = Dual(pair: Tensor(repeating: 1, shape: [2] + network.inputShape))
      for node in network.nodes {
        last = try evaluate(node, node.inputs.compactMap { values[$0] }, network).normalized()
        values[node.name] = last
      }
      // The second row of the classifier's output is v + dv; the first is v.
      let classes = last.pair.count / 2
      let outputs = last.pair.scalars
      let tangent = (0..<classes).reduce(0.0) { $0 + Double(outputs[classes + $1]) - Double(outputs[$1]) }
      return log(tangent) + Double(last.exponent) * log(2)
    }
  }

  private static func evaluate(_ node: Node, _ inputs: [Dual], _ network: Network) throws -> Dual {
    guard let x = inputs.first else { return Dual(pair: Tensor(repeating: 1, shape: [2] + network.inputShape)) }
    func weight() throws -> Tensor {
      guard let weight = network.parameters[node.name + ".weight"] else {
        throw PELNASError.proxy("synflow", problem: "layer \(node.name) has no weight")
      }
      return weight.map { abs($0) }
    }
    switch node.op {
    case .conv2d(let conv):
      let product = conv2d(
        Variable(x.pair), weight: Variable(try weight()), stride: conv.stride, padding: conv.padding)
      return Dual(pair: addFirstToSecond(product.value), exponent: x.exponent)
    case .linear:
      return Dual(
        pair: addFirstToSecond(matmul(x.pair, try weight(), transposeB: true)), exponent: x.exponent)
    case .batchNorm, .relu, .identity: return x
    case .avgPool(let pool, let countIncludePad):
      let pooled = avgPool2d(
        Variable(x.pair), kernel: pool.kernel, stride: pool.stride, padding: pool.padding,
        countIncludePad: countIncludePad)
      return Dual(pair: pooled.value, exponent: x.exponent)
    case .globalAveragePool: return Dual(pair: globalAveragePool(Variable(x.pair)).value, exponent: x.exponent)
    case .add:
      let top = inputs.map(\.exponent).max() ?? 0
      let sum = inputs.dropFirst().reduce(aligned(x, to: top)) { $0 + aligned($1, to: top) }
      return Dual(pair: sum, exponent: top)
    case .zero: return Dual(pair: Tensor(zeros: x.pair.shape), exponent: 0)
    default: throw PELNASError.proxy("synflow", problem: "layer \(node.name) has an operation it does not know")
    }
  }

  private static func aligned(_ value: Dual, to exponent: Int) -> Tensor {
    let shift = max(value.exponent - exponent, -200)
    return shift == 0 ? value.pair : value.pair * Float(sign: .plus, exponent: max(shift, -126), significand: 1)
  }

  /// `(a, b)` to `(a, a + b)`.
  private static func addFirstToSecond(_ pair: Tensor) -> Tensor {
    var result = pair
    let half = pair.count / 2
    result.withUnsafeMutableBufferPointer { values in
      for index in 0..<half { values[half + index] += values[index] }
    }
    return result
  }
}
