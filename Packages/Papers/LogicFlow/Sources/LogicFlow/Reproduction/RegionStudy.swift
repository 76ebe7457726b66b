import LogicFlowVerify
import ReproductionKit
import TinyTensor

/// All leaves of a small network, visited or not, beside the regions of its real-valued original (specification 2.2).
struct RegionStudy {
  /// What was counted; stored as a checkpoint.
  struct Result: Codable, Sendable {
    /// Leaves of the integer network that are not proved empty, those proved constant, and those with inputs of several classes.
    var leaves, constant, mixed: Int
    /// Leaves that random inputs take, and those of them that the enumeration lacks: none, or it is wrong.
    var visited, missing: Int
    /// Activation regions of the float network in its box.
    var realRegions: Int
  }

  /// Inputs, hidden layers, classes.
  static let sizes = [4, 6, 4, 3]

  let seed: UInt64

  func run() throws -> Result {
    let float = FloatNetwork(sizes: Self.sizes, seed: seed)
    var random = Philox(seed: seed, stream: "logicflow.regions")
    let rows = 65_536
    let samples = IntegerSamples(
      width: Self.sizes[0], features: (0..<rows * Self.sizes[0]).map { _ in UInt8(random.next(below: 256)) },
      labels: Array(repeating: 0, count: rows))
    let network = try Quantizer.quantize(float, calibration: samples.prefix(4096))
    let tree = try ExhaustiveTree(network)
    let visited = PathTree(network, features: samples.features)
    let known = Set(tree.leaves.map(\.literals))
    let real = try RealNetwork(
      box: [0, 1],
      layers: float.layers.map { layer in
        let (weights, width) = (layer.weight.scalars.map(Double.init), layer.weight.shape[1])
        return RealNetwork.Layer(
          weights: layer.bias.scalars.indices.map { Array(weights[$0 * width..<($0 + 1) * width]) },
          bias: layer.bias.scalars.map(Double.init))
      })
    return Result(
      leaves: tree.leaves.count, constant: tree.leaves.count { $0.outcome != nil },
      mixed: tree.leaves.count(where: \.isMixed), visited: visited.paths.count,
      missing: visited.paths.count { !known.contains($0.pattern.literals(network)) },
      realRegions: RegionEnumeration(real).count())
  }
}

extension RegionStudy.Result {
  /// For the report.
  var sentence: String {
    let sizes = RegionStudy.sizes.map(String.init).joined(separator: "→")
    return "All leaves of a \(sizes) network: \(leaves), \(constant) proved constant, \(mixed) with several classes; "
      + "\(visited) are taken by 65 536 random inputs, \(missing) of these are missing. Its real-valued original has "
      + "\(realRegions) activation regions."
  }
}
