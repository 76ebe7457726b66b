import TinyTensor
import VisionModels

/// The network that the benchmark builds of a cell.
public enum CellNetwork {
  /// The network with weights and the linear bias from U(−1/√fan_in, 1/√fan_in), batch norms γ = 1, β = 0.
  ///
  /// Every tensor has a random stream of its own, named like it: equal layers of different cells start equal.
  public static func build(_ cell: Cell, on dataSet: DataSet, seed: UInt64) throws(NetworkError) -> Network {
    try build(cell, on: dataSet, InitialWeights(seed: seed))
  }

  /// The network with weights that other cells may have drawn already.
  static func build(_ cell: Cell, on dataSet: DataSet, _ weights: InitialWeights) throws(NetworkError) -> Network {
    var network = try Models.nasBench201(cell.archString, classes: dataSet.classCount)
    if dataSet.imageSize != 32 { network = try network.resized(to: [dataSet.imageSize, dataSet.imageSize, 3]) }
    weights.fill(&network)
    return network
  }

  /// Draws all weights.
  package static func initialize(_ network: inout Network, seed: UInt64) {
    InitialWeights(seed: seed).fill(&network)
  }

  /// Names of all convolution and linear weights: the set L of the proxies.
  package static func weightNames(_ network: Network) -> [String] {
    network.nodes.compactMap { node in
      switch node.op {
      case .conv2d, .linear: node.name + ".weight"
      default: nil
      }
    }
  }
}
