import TinyTensor
import VisionModels

/// L1 or L2 norm of a filter's weights (Li et al., "Pruning filters for efficient ConvNets", ICLR 2017).
public struct WeightNorm: ImportanceCriterion {
  /// The norm.
  public enum Order: String, Sendable, Codable {
    case l1, l2
  }

  /// How norms of different layers are made comparable.
  public enum Scaling: String, Sendable, Codable {
    /// Not at all.
    case none
    /// Divided by the number of weights of the filter (L1) or its root (L2).
    case mean
    /// Divided by the largest of the layer.
    case layerMaximum
  }

  /// The norm.
  public let order: Order
  /// Scaling between layers.
  public let scaling: Scaling
  public let needsImages = false
  public var name: String {
    switch scaling {
    case .none: order.rawValue
    case .mean: order.rawValue + "-mean"
    case .layerMaximum: order.rawValue + "-normalised"
    }
  }

  /// Creates the criterion.
  public init(_ order: Order, scaling: Scaling = .none) {
    self.order = order
    self.scaling = scaling
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    try network.requireFiniteWeights()
    var result: [String: [Float]] = [:]
    for (layer, filters) in network.filterRows() {
      var norms = filters.map { row -> Double in
        switch order {
        case .l1: row.reduce(0) { $0 + Double(abs($1)) }
        case .l2: row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
      }
      let length = Double(max(1, filters.first?.count ?? 1))
      let divisor: Double
      switch scaling {
      case .none: divisor = 1
      case .mean: divisor = order == .l1 ? length : length.squareRoot()
      case .layerMaximum: divisor = norms.max().map { $0 > 0 ? $0 : 1 } ?? 1
      }
      norms = norms.map { $0 / divisor }
      result[layer] = norms.map { Float($0) }
    }
    return result
  }
}

extension Network {
  /// The weights of every filter of every scored layer, in graph order.
  func filterRows() -> [(layer: String, filters: [ArraySlice<Float>])] {
    scoredLayers.compactMap { layer in
      guard let weight = parameters[layer + ".weight"], let rows = weight.shape.first, rows > 0 else { return nil }
      let length = weight.count / rows
      let scalars = weight.scalars
      return (layer, (0..<rows).map { scalars[$0 * length..<($0 + 1) * length] })
    }
  }
}
