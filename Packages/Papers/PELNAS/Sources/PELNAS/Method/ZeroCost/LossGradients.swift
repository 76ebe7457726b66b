import TinyNN
import TinyTensor
import VisionModels

/// The proxies of one backward pass of the loss.
package struct LossGradients {
  /// Σ ‖∂ℓ/∂W‖₂.
  package let norm: Double
  /// Σ |W ⊙ ∂ℓ/∂W|.
  package let sensitivity: Double
  /// Σ W ⊙ ∂ℓ/∂W.
  package let plain: Double
  /// Σ over layers and channels of half the mean square of Σ_hw a·∂ℓ/∂a.
  package let fisher: Double

  private let gradients: [String: Tensor]

  /// One forward and one backward pass in batch-statistics mode, mean cross-entropy.
  package init(_ network: Network, images: Tensor, labels: [Int]) throws {
    var observed: [Variable] = []
    let layers = Set(CellNetwork.weightNames(network).map { String($0.dropLast(".weight".count)) })
    gradients = try Self.backward(network, images, labels) { node, output in
      guard layers.contains(node), output.requiresGradient else { return }
      output.retainGradient()
      observed.append(output)
    }
    var sums = (norm: 0.0, sensitivity: 0.0, plain: 0.0)
    for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
      guard let weight = network.parameters[name] else { continue }
      var squares = 0.0
      for (w, g) in zip(weight.scalars, gradient.scalars) {
        squares += Double(g) * Double(g)
        sums.sensitivity += Double(abs(w * g))
        sums.plain += Double(w) * Double(g)
      }
      sums.norm += squares.squareRoot()
    }
    norm = sums.norm
    sensitivity = sums.sensitivity
    plain = sums.plain
    fisher = observed.reduce(0) { $0 + Self.fisher(of: $1) }
  }

  /// Gradients of all convolution and linear weights.
  private static func backward(
    _ network: Network, _ images: Tensor, _ labels: [Int],
    observe: @escaping (String, Variable) -> Void = { _, _ in }
  ) throws -> [String: Tensor] {
    let parameters = try ParameterSet(network)
    let logits = try network.forward(
      Variable(images), parameters: parameters, mode: .training(seed: 0, step: 0), observe: observe)
    crossEntropy(logits, labels: labels).backward()
    var found: [String: Tensor] = [:]
    for name in CellNetwork.weightNames(network) {
      guard let variable = parameters[name] else { continue }
      found[name] = variable.gradient ?? Tensor(zeros: variable.shape)
    }
    return found
  }

  private static func fisher(of activation: Variable) -> Double {
    guard let gradient = activation.gradient else { return 0 }
    let shape = activation.shape
    let channels = shape[shape.count - 1]
    let positions = shape.dropFirst().dropLast().reduce(1, *)
    let (a, g) = (activation.value.scalars, gradient.scalars)
    var sum = 0.0
    for image in 0..<shape[0] {
      var products = [Double](repeating: 0, count: channels)
      for position in 0..<positions {
        let base = (image * positions + position) * channels
        for channel in 0..<channels { products[channel] += Double(a[base + channel]) * Double(g[base + channel]) }
      }
      sum += products.reduce(0) { $0 + $1 * $1 }
    }
    return 0.5 * sum / Double(shape[0])
  }

  /// `grasp`: −Σ W ⊙ (Hg), with Hg by a central difference of gradients along g, ε = 0.01/‖g‖.
  package func signalPreservation(_ network: Network, _ images: Tensor, _ labels: [Int]) throws -> Double {
    let length = gradients.values.reduce(0.0) { sum, gradient in
      gradient.scalars.reduce(sum) { $0 + Double($1) * Double($1) }
    }.squareRoot()
    guard length > 0 else { return 0 }
    let step = Float(0.01 / length)
    func shifted(_ sign: Float) throws -> [String: Tensor] {
      var moved = network
      for (name, gradient) in gradients {
        if let weight = moved.parameters[name] { moved.parameters[name] = weight + gradient * (sign * step) }
      }
      return try Self.backward(moved, images, labels)
    }
    let (above, below) = (try shifted(1), try shifted(-1))
    var sum = 0.0
    for name in gradients.keys.sorted() {
      guard let weight = network.parameters[name], let high = above[name], let low = below[name] else { continue }
      for (w, change) in zip(weight.scalars, (high - low).scalars) {
        sum -= Double(w) * Double(change) / (2 * Double(step))
      }
    }
    return sum
  }
}
