import VisionModels

/// Size of a network.
public struct NetworkCounts: Sendable, Hashable, Codable {
  /// Trainable scalars.
  public var parameters: Int
  /// Multiply-accumulates for one image.
  public var macs: Int
  /// Rows of all convolutions and linear layers.
  public var filters: Int

  /// Creates the counts.
  public init(parameters: Int, macs: Int, filters: Int) {
    self.parameters = parameters
    self.macs = macs
    self.filters = filters
  }

  /// NetworkCounts a network exactly.
  public init(_ network: Network) {
    let cost = network.cost()
    self.init(
      parameters: cost.parameters, macs: cost.macs,
      filters: network.nodes.reduce(0) { total, node in
        switch node.op {
        case .conv2d(let conv): total + conv.outputChannels
        case .linear(let linear): total + linear.outputFeatures
        default: total
        }
      })
  }
}

/// Parameters and multiply-accumulates as a function of the units that are left, without building anything.
struct WidthArithmetic: Sendable {
  private struct Layer: Sendable {
    let node: Int
    let source: Int
    /// Products per (input channel, output channel) pair, i.e. pixels × kernel area.
    let macsPerPair: Int
    /// Weights per (input channel, output channel) pair.
    let weightsPerPair: Int
    /// Parameters per output channel that do not depend on the input (bias).
    let perOutput: Int
    /// Input channels per group of a grouped convolution; nil for a dense layer, whose inputs can shrink.
    let fixedInputs: Int?
  }

  private let layers: [Layer]
  private let norms: [Int]
  /// Trainable scalars that no removal changes (custom operations).
  private let constantParameters: Int
  private let constantMacs: Int

  init(_ network: Network, outputUnits: [[Int32]], inputNodes: [[Int]]) {
    var layers: [Layer] = []
    var norms: [Int] = []
    var parameters = 0
    var macs = 0
    let costs = network.cost().layers
    for (index, node) in network.nodes.enumerated() {
      switch node.op {
      case .conv2d(let conv):
        let area = conv.kernel * conv.kernel
        let output = network.shape(of: node.name) ?? []
        layers.append(
          Layer(
            node: index, source: inputNodes[index][0], macsPerPair: output.dropLast().reduce(area, *),
            weightsPerPair: area, perOutput: conv.bias ? 1 : 0,
            fixedInputs: conv.groups > 1 ? conv.inputChannels / conv.groups : nil))
      case .linear(let linear):
        layers.append(
          Layer(
            node: index, source: inputNodes[index][0], macsPerPair: 1, weightsPerPair: 1,
            perOutput: linear.bias ? 1 : 0, fixedInputs: nil))
      case .batchNorm: norms.append(index)
      default:
        parameters += costs[index].parameters
        macs += costs[index].macs
      }
    }
    self.layers = layers
    self.norms = norms
    constantParameters = parameters
    constantMacs = macs
  }

  /// Size of the network with the given number of output features left in every node.
  func counts(widths: [Int]) -> NetworkCounts {
    var result = NetworkCounts(parameters: constantParameters, macs: constantMacs, filters: 0)
    for layer in layers {
      let outputs = widths[layer.node]
      let inputs = layer.fixedInputs ?? widths[layer.source]
      result.parameters += outputs * (inputs * layer.weightsPerPair + layer.perOutput)
      result.macs += outputs * inputs * layer.macsPerPair
      result.filters += outputs
    }
    for norm in norms { result.parameters += 2 * widths[norm] }
    return result
  }

  /// Multiply-accumulates alone, for the inner loops of planning.
  func macs(widths: [Int]) -> Int {
    layers.reduce(constantMacs) { total, layer in
      total + widths[layer.node] * (layer.fixedInputs ?? widths[layer.source]) * layer.macsPerPair
    }
  }
}

extension ChannelUnits {
  /// Output features of every node.
  var fullWidths: [Int] { outputUnits.map(\.count) }

  /// For every unit, in which nodes it occurs and how often (a flattened channel counts once per pixel).
  func occurrences() -> [[(node: Int, times: Int)]] {
    var result = [[(node: Int, times: Int)]](repeating: [], count: count)
    for (node, units) in outputUnits.enumerated() {
      for unit in units {
        let unit = Int(unit)
        if let last = result[unit].last, last.node == node {
          result[unit][result[unit].count - 1].times += 1
        } else {
          result[unit].append((node, 1))
        }
      }
    }
    return result
  }

  /// Output features of every node that are left under a mask.
  func widths(keeping keep: [Bool]) -> [Int] {
    outputUnits.map { units in units.reduce(0) { $0 + (keep[Int($1)] ? 1 : 0) } }
  }

  /// Parameters, multiply-accumulates and filters that are left under a mask, computed from the widths alone.
  func counts(keeping keep: [Bool]) -> NetworkCounts {
    widths.counts(widths: widths(keeping: keep))
  }
}
