import Synchronization
import TinyTensor
import VisionModels

/// The random weights that the networks of all cells start with, each tensor drawn once.
///
/// Every layer has a random stream of its own, named like its weight, so that equal layers of different cells start equal and the
/// tensors of one cell serve the others: drawing them takes longer than a pass of one image through the network.
final class InitialWeights: Sendable {
  private struct Key: Hashable {
    let name: String
    let shape: [Int]
  }

  private struct Layer: Sendable {
    let weight: Tensor
    let bias: Tensor
  }

  private let seed: UInt64
  private let drawn = Mutex<[Key: Layer]>([:])

  init(seed: UInt64) { self.seed = seed }

  /// Gives a network weights, and its linear layer a bias, from U(−1/√fan_in, 1/√fan_in).
  func fill(_ network: inout Network) {
    for name in CellNetwork.weightNames(network) {
      guard let shape = network.parameters[name]?.shape else { continue }
      let layer = layer(Key(name: name, shape: shape))
      network.parameters[name] = layer.weight
      let bias = String(name.dropLast("weight".count)) + "bias"
      if network.parameters[bias] != nil { network.parameters[bias] = layer.bias }
    }
  }

  /// A layer from memory or its stream; threads that draw the same one at the same time draw the same numbers.
  private func layer(_ key: Key) -> Layer {
    if let found = drawn.withLock({ $0[key] }) { return found }
    let bound = 1 / Float(key.shape.dropFirst().reduce(1, *)).squareRoot()
    var generator = Philox(seed: seed, stream: key.name)
    let weight = Tensor.uniform(key.shape, in: -bound...bound, using: &generator)
    let bias = Tensor.uniform([key.shape[0]], in: -bound...bound, using: &generator)
    let layer = Layer(weight: weight, bias: bias)
    drawn.withLock { $0[key] = layer }
    return layer
  }
}
