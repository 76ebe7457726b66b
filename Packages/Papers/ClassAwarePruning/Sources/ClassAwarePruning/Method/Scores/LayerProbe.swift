import TinyNN
import TinyTensor
import VisionModels

/// Runs a class's images through a network and back, and hands out what layers computed and what the loss thinks of it.
///
/// The parameters are constants here: only gradients of activations are computed, about half of a training step's backward pass.
struct LayerProbe {
  /// One layer's output and its gradient, both `[m, height, width, channels]` or `[m, features]`.
  struct Observation {
    let node: String
    let activations: Tensor
    let gradients: Tensor?
  }

  let network: Network
  let parameters: ParameterSet
  let nodes: Set<String>

  init(_ network: Network, nodes: Set<String>) throws(PruneError) {
    try network.requireFiniteWeights()
    self.network = network
    self.nodes = nodes
    parameters = try asPruneError { () throws(NetworkError) in try ParameterSet(network, trainable: false) }
  }

  /// Forward pass only.
  func activations(_ images: Tensor) throws(PruneError) -> [Observation] {
    var result: [Observation] = []
    let outcome = withoutGradients { () -> Result<Variable, NetworkError> in
      Self.result { () throws(NetworkError) in
        try network.forward(Variable(images), parameters: parameters) { node, output in
          guard nodes.contains(node) else { return }
          result.append(Observation(node: node, activations: output.value, gradients: nil))
        }
      }
    }
    if case .failure(let error) = outcome { throw .network(error) }
    return result
  }

  /// Forward and backward pass of the mean cross-entropy of one class.
  /// - Returns: the observations in graph order, and the temperature that kept the loss from underflowing (1 if none was needed).
  func gradients(
    _ images: Tensor, label: Int
  ) throws(PruneError) -> (observations: [Observation], temperature: Float) {
    let labels = [Int](repeating: label, count: images.shape[0])
    var temperature: Float = 1
    while true {
      var taps: [(node: String, output: Variable)] = []
      let logits = try asPruneError { () throws(NetworkError) in
        try network.forward(Variable(images, requiresGradient: true), parameters: parameters) { node, output in
          guard nodes.contains(node) else { return }
          output.retainGradient()
          taps.append((node, output))
        }
      }
      guard logits.value.isFinite else { throw .notFinite(layer: network.outputName, what: "an output") }
      let values = logits.value
      logits.retainGradient()
      let scaled = temperature == 1 ? logits : logits * (1 / temperature)
      crossEntropy(scaled, labels: labels).backward()
      // A saturated softmax gives a gradient of exactly 0, and every filter would look dead.
      let isSaturated = logits.gradient.map { $0.norm() == 0 } ?? true
      if isSaturated, temperature < 65536, values.count > images.shape[0] {
        temperature *= 2
        continue
      }
      let observations = taps.map { tap in
        Observation(
          node: tap.node, activations: tap.output.value,
          gradients: tap.output.gradient ?? Tensor(zeros: tap.output.shape))
      }
      return (observations, temperature)
    }
  }

  private static func result<T>(_ body: () throws(NetworkError) -> T) -> Result<T, NetworkError> {
    do {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
}
