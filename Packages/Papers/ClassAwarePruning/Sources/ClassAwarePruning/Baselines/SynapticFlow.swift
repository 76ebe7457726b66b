import Foundation
import TinyNN
import TinyTensor
import VisionModels

/// Data-free, iterative saliency (SynFlow: Tanaka et al., NeurIPS 2020): `Σ |θ| · ∂R/∂|θ|` over a filter's weights, where R is
/// the summed output of the network with all weights replaced by their absolute values, for an input of ones.
///
/// The network is made linear and positive: batch norms keep `|γ|/σ` but lose shift and mean. In each of `rounds` rounds an
/// exponentially growing share of the filters is silenced; a filter's score is the round that silences it plus its saliency
/// there, scaled into 0…1.
public struct SynapticFlow: ImportanceCriterion {
  public let name = "synflow"
  public let needsImages = false
  /// Rounds of the iteration.
  public let rounds: Int
  /// Share of the filters that is left in the last round.
  public let finalShare: Double

  /// Creates the criterion.
  public init(rounds: Int = 10, finalShare: Double = 0.1) {
    self.rounds = max(1, rounds)
    self.finalShare = finalShare
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    try network.requireFiniteWeights()
    var positive = try Self.rescaled(Self.linearised(network))
    let layers = network.scoredLayers
    var result: [String: [Float]] = [:]
    var alive: [(layer: String, filter: Int)] = []
    let widths = PruningHistory.widths(of: network)
    for layer in layers {
      let width = widths[layer] ?? 0
      result[layer] = [Float](repeating: 0, count: width)
      alive += (0..<width).map { (layer, $0) }
    }
    let total = alive.count
    for round in 1...rounds {
      let saliency = try Self.saliency(positive, layers: layers)
      func value(_ entry: (layer: String, filter: Int)) -> Float { saliency[entry.layer]?[entry.filter] ?? 0 }
      let largest = alive.map(value).max() ?? 0
      for entry in alive {
        // Log scale: the products of many layers span many powers of ten.
        result[entry.layer]?[entry.filter] = Float(round - 1) + Self.squashed(value(entry), largest: largest)
      }
      guard round < rounds else { break }
      let share = pow(finalShare, Double(round) / Double(rounds))
      let keep = Int((share * Double(total)).rounded(.up))
      let order = alive.enumerated().sorted { a, b in
        let (x, y) = (value(a.element), value(b.element))
        return x != y ? x < y : a.offset < b.offset
      }
      let silenced = order.prefix(max(0, alive.count - keep))
      for entry in silenced { positive.parameters[entry.element.layer + ".weight"]?.zeroRows([entry.element.filter]) }
      let gone = Set(silenced.map(\.offset))
      alive = alive.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
    }
    return result
  }

  /// Maps `0...largest` to `0...1` by the logarithm over 60 powers of ten, keeping the order.
  private static func squashed(_ value: Float, largest: Float) -> Float {
    guard value > 0, largest > 0 else { return 0 }
    return max(0, 1 + Float(log10(Double(value) / Double(largest)) / 60)) * 0.999
  }

  /// Absolute weights, no shifts.
  static func linearised(_ network: Network) -> Network {
    var result = network
    for specification in network.parameterSpecifications {
      guard let tensor = network.parameters[specification.name] else { continue }
      switch specification.role {
      case .weight, .scale, .custom: result.parameters[specification.name] = tensor.map { abs($0) }
      case .bias, .shift, .runningMean: result.parameters[specification.name] = Tensor(zeros: tensor.shape)
      case .runningVariance, .customBuffer: break
      }
    }
    return result
  }

  /// Keeps R inside Float's range: behind every node through which all paths lead, values are divided by their maximum.
  ///
  /// R is linear in what passes there, so all saliencies change by one common factor, and their order stays.
  static func rescaled(_ network: Network) throws(PruneError) -> Network {
    var result = network
    for cut in cuts(of: network) {
      let observed = try LayerProbe(result, nodes: [cut]).activations(
        Tensor(repeating: 1, shape: [1] + network.inputShape))
      guard let largest = observed.first?.activations.max(), largest > 0, largest.isFinite else { continue }
      try asPruneError { () throws(NetworkError) in
        try result.insert(Node(name: cut + ".rescaled", op: .scale(1 / largest), inputs: [cut]), after: cut)
      }
    }
    return result
  }

  /// Sums, convolutions and linear layers before the output that no edge passes by.
  private static func cuts(of network: Network) -> [String] {
    var position: [String: Int] = [:]
    for (index, node) in network.nodes.enumerated() { position[node.name] = index }
    var lastUse = [Int](repeating: 0, count: network.nodes.count)
    for (index, node) in network.nodes.enumerated() {
      for input in node.inputs { if let source = position[input] { lastUse[source] = index } }
    }
    var reach = 0
    return network.nodes.indices.dropLast().compactMap { index in
      defer { reach = max(reach, lastUse[index]) }
      guard reach <= index else { return nil }
      switch network.nodes[index].op {
      case .add, .conv2d, .linear: return network.nodes[index].name
      default: return nil
      }
    }
  }

  /// `Σ |θ| · ∂R/∂|θ|` per filter. R is linear in the input, so the input's scale is free: it is lowered until R is finite.
  static func saliency(_ network: Network, layers: [String]) throws(PruneError) -> [String: [Float]] {
    for scale: Float in [1, 1e-10, 1e-20, 1e-30] {
      let parameters = try asPruneError { () throws(NetworkError) in try ParameterSet(network) }
      let input = Variable(Tensor(repeating: scale, shape: [1] + network.inputShape))
      let output = try asPruneError { () throws(NetworkError) in
        try network.forward(input, parameters: parameters)
      }
      guard output.value.isFinite else { continue }
      output.sum().backward()
      var result: [String: [Float]] = [:]
      var isFinite = true
      for layer in layers {
        guard let leaf = parameters[layer + ".weight"], let gradient = leaf.gradient else { continue }
        let rows = leaf.shape[0]
        let products = zip(leaf.value.scalars, gradient.scalars).map { Double($0) * Double($1) }
        let length = products.count / max(1, rows)
        result[layer] = (0..<rows).map { row in
          Float(products[row * length..<(row + 1) * length].reduce(0, +))
        }
        isFinite = isFinite && gradient.isFinite
      }
      if isFinite { return result }
    }
    throw .notFinite(layer: network.outputName, what: "the synaptic flow")
  }
}
