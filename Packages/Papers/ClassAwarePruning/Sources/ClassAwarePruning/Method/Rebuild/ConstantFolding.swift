import Foundation
import TinyTensor
import VisionModels

/// What removed channels still contribute, as constants, and where it goes (section 2.7, `foldConstants`).
///
/// In a pre-activation network a channel that was set to 0 reaches the next convolution as
/// `ReLU(β − γ·μ/√(σ² + ε))`: constant, but not zero. The constants are followed through the graph; what they add to every
/// remaining output of a convolution or linear layer becomes a bias there. This is exact where the kernel lies inside the map;
/// at padded borders the unpruned network sees zeros instead of the constant, and ``borderBounds`` says how much that can be.
public struct ConstantFolding: Sendable {
  /// Added to the bias of every output channel, by layer; only layers that receive something.
  public let biases: [String: [Float]]
  /// Largest error per layer at a padded border: `max_o Σ_k Σ_taps |c_k · W[o,k]|` over the removed inputs `k`.
  public let borderBounds: [String: Float]

  /// Follows the constants of the channels that `keep` removes.
  init(_ network: Network, units: ChannelUnits, keep: [Bool]) throws(PruneError) {
    var biases: [String: [Float]] = [:]
    var bounds: [String: Float] = [:]
    var constants: [[Double]] = []
    let directNorms = units.normsBehindProducers(network)
    for (index, node) in network.nodes.enumerated() {
      let owners = units.outputUnits[index]
      let sources = units.inputNodes[index]
      let removed = owners.map { !keep[Int($0)] }
      let input = sources.first.map { constants[$0] } ?? []
      var output = [Double](repeating: 0, count: owners.count)
      switch node.op {
      case .conv2d, .linear:
        // Rows of a removed unit are zero by definition; the remaining ones receive the constants of removed columns.
        let gone = units.outputUnits[sources[0]].map { !keep[Int($0)] }
        let share = Self.contribution(network, node, constants: input, gone: gone)
        if share.bias.contains(where: { $0 != 0 }) { biases[node.name] = share.bias }
        if share.border > 0 { bounds[node.name] = share.border }
      case .batchNorm(let norm):
        if !directNorms.contains(index) { output = Self.normalised(network, node, norm, input) }
      case .add:
        for source in sources { for (channel, value) in constants[source].enumerated() { output[channel] += value } }
      case .concat:
        output = sources.flatMap { constants[$0] }
      case .padShortcut(let pad):
        for (channel, value) in input.enumerated() { output[pad.before + channel] = value }
      case .flatten:
        let area = input.isEmpty ? 1 : owners.count / input.count
        for channel in output.indices { output[channel] = input[channel / area] }
      case .input, .zero, .custom: break
      default:
        output = input.map { Self.activated(node.op, $0) }
      }
      // Channels that are kept are no constants.
      for channel in output.indices where !removed[channel] { output[channel] = 0 }
      constants.append(output)
    }
    self.biases = biases
    borderBounds = bounds
  }

  /// The network with the biases added; layers without a bias get one.
  func applied(to network: Network) throws(PruneError) -> Network {
    var nodes = network.nodes
    var tensors = network.parameters
    for index in nodes.indices {
      guard let extra = biases[nodes[index].name] else { continue }
      switch nodes[index].op {
      case .conv2d(var conv):
        conv.bias = true
        nodes[index].op = .conv2d(conv)
      case .linear(var linear):
        linear.bias = true
        nodes[index].op = .linear(linear)
      default: continue
      }
      let name = nodes[index].name + ".bias"
      let addition = Tensor(shape: [extra.count], extra)
      tensors[name] = tensors[name].map { $0 + addition } ?? addition
    }
    return try asPruneError { () throws(NetworkError) in try network.rewritten(nodes, parameters: tensors) }
  }

  private static func normalised(
    _ network: Network, _ node: Node, _ norm: BatchNorm, _ input: [Double]
  ) -> [Double] {
    func values(_ suffix: String) -> [Float] { network.parameters["\(node.name).\(suffix)"]?.scalars ?? [] }
    let (scale, shift) = (values("weight"), values("bias"))
    let (mean, variance) = (values("running_mean"), values("running_var"))
    return input.indices.map { channel in
      let deviation = (Double(variance[channel]) + Double(norm.epsilon)).squareRoot()
      return (input[channel] - Double(mean[channel])) / deviation * Double(scale[channel]) + Double(shift[channel])
    }
  }

  private static func activated(_ op: Node.Operation, _ x: Double) -> Double {
    switch op {
    case .relu: max(0, x)
    case .relu6: min(6, max(0, x))
    case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: min(6, max(0, x + 3)) / 6
    case .tanh: Foundation.tanh(x)
    case .leakyReLU(let slope): x >= 0 ? x : Double(slope) * x
    case .scale(let factor): Double(factor) * x
    default: x
    }
  }

  /// What the removed inputs add to every output, and how wrong that can be at a padded border.
  private static func contribution(
    _ network: Network, _ node: Node, constants: [Double], gone: [Bool]
  ) -> (bias: [Float], border: Float) {
    guard let weight = network.parameters["\(node.name).weight"] else { return ([], 0) }
    let padding: Int
    if case .conv2d(let conv) = node.op {
      // A group is removed as a whole, so a remaining output never reads a removed input.
      guard conv.groups == 1 else { return ([], 0) }
      padding = conv.padding
    } else {
      padding = 0
    }
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    let area = weight.count / max(1, outputs * inputs)
    let columns = (0..<inputs).filter { gone[$0] && constants[$0] != 0 }
    guard !columns.isEmpty else { return ([], 0) }
    var bias = [Float](repeating: 0, count: outputs)
    var border: Float = 0
    weight.withUnsafeBufferPointer { w in
      for output in 0..<outputs {
        var sum = 0.0
        var outside = 0.0
        for column in columns {
          for tap in 0..<area {
            let term = Double(w[(output * inputs + column) * area + tap]) * constants[column]
            sum += term
            if padding > 0 { outside += abs(term) }
          }
        }
        bias[output] = Float(sum)
        border = max(border, Float(outside))
      }
    }
    return (bias, border)
  }
}
