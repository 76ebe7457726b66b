/// The seven linear maps of a transformer layer.
public enum LinearSite: String, Sendable, Hashable, Codable, CaseIterable {
  /// The query projection.
  case query
  /// The key projection.
  case key
  /// The value projection.
  case value
  /// The projection of the attention output.
  case output
  /// The gate of the feed-forward network.
  case gate
  /// The up projection of the feed-forward network.
  case up
  /// The down projection of the feed-forward network.
  case down

  /// What the map reads.
  public var input: InputSite {
    switch self {
    case .query, .key, .value: .attention
    case .output: .attentionOutput
    case .gate, .up: .feedForward
    case .down: .down
    }
  }

  /// The tensor with the map's weights.
  public func tensor(layer: Int) -> LlamaTensor {
    switch self {
    case .query: .query(layer: layer)
    case .key: .key(layer: layer)
    case .value: .value(layer: layer)
    case .output: .attentionOutput(layer: layer)
    case .gate: .gate(layer: layer)
    case .up: .up(layer: layer)
    case .down: .down(layer: layer)
    }
  }
}

/// The four places of a layer where linear maps read their input.
public enum InputSite: String, Sendable, Hashable, Codable, CaseIterable {
  /// The normalised residual stream that query, key and value projections read.
  case attention
  /// The concatenated heads that the output projection reads.
  case attentionOutput
  /// The normalised residual stream that gate and up projections read.
  case feedForward
  /// The hidden activations that the down projection reads.
  case down
}

/// A linear map of the model: which one, in which layer.
public struct LinearAddress: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The layer, from 0.
  public var layer: Int
  /// The map within the layer.
  public var site: LinearSite

  /// Creates an address.
  public init(layer: Int, site: LinearSite) {
    self.layer = layer
    self.site = site
  }

  /// For instance `"layer 3 query"`.
  public var description: String { "layer \(layer) \(site.rawValue)" }
}
